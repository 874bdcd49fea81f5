"""The course of the image that is looked at: read in a thread, and what of it is not stored made in another."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from dejavu_tui.app.course import Course, course
from dejavu_tui.app.desk import Desk
from dejavu_tui.app.errands import Errands
from dejavu_tui.records import Progress, Step, Stop
from dejavu_tui.workflows.runs import list_runs
from dejavu_tui.workflows.trace import Over, Point, make, trace

OVERS: tuple[Over, ...] = ("epochs", "layers", "runs")


class Tracing:
    """Reads courses and makes points, one at a time.

    `arrived` is called with what was read, `refused` with why there is nothing, `busy` with what is being made
    (empty: nothing), `failed` with why that ended.
    """

    def __init__(
        self,
        desk: Desk,
        errands: Errands,
        *,
        arrived: Callable[[Course], None],
        refused: Callable[[str], None],
        busy: Callable[[str], None],
        failed: Callable[[str], None],
    ) -> None:
        self.over: Over = "epochs"
        self.building = False
        self._desk = desk
        self._errands = errands
        self._arrived = arrived
        self._refused = refused
        self._busy = busy
        self._failed = failed

    @property
    def epoch(self) -> int | None:
        """The epoch that is asked for; None: all, or over runs the last of each, as the view's is of its own."""
        view = self._desk.view
        last = self.over == "runs" and view.epoch == view.epochs[-1]
        return None if last or self.over == "epochs" else view.epoch

    @property
    def command(self) -> Sequence[str]:
        """The command that prints what is stored of the course."""
        desk, view = self._desk, self._desk.view
        image = "IMAGE" if desk.image_id is None else str(desk.image_id)
        words = ["dejavu", "trace", str(desk.audit.root), image, "--over", self.over]
        words += [] if self.over == "runs" else ["--run", view.run]
        words += [] if self.epoch is None else ["--epoch", str(self.epoch)]
        words += [] if self.over == "layers" else ["--layer", view.layer]
        return [*words, "--k", str(view.k)]

    def read(self) -> None:
        """Read the course of the image that is looked at."""
        desk, over, epoch = self._desk, self.over, self.epoch
        audit, view, image_id = desk.audit, desk.view, desk.image_id
        if image_id is None:
            self._refused(
                "No image is looked at, for none is listed: B leads to the list, a there shows all kinds."
            )
            return

        def work(_: Progress, stop: Stop) -> Course:
            found = trace(
                audit, image_id, over=over, run=view.run, epoch=epoch, layer=view.layer, k=view.k, stop=stop
            )
            runs = [run.name for run in reversed(list_runs(audit))] if over == "runs" else []
            return course(found, order=runs or view.layers)

        self._errands.start("course", work, then=self._arrived, fail=self._refused)

    def build(self, line: Course, point: Point) -> bool:
        """Make `point` if it is not stored, else all of `line` that are not; False: there is nothing to make."""
        able = [absent for absent in line.found.missing if absent.command]
        asked = replace(line.found, missing=tuple([one for one in able if one.point == point] or able))
        if not able:
            return False
        audit = self._desk.audit
        self.building = True
        self._busy(f"making {len(asked.missing)} point{'' if len(asked.missing) == 1 else 's'}; b stops")
        self._errands.start(
            "points",
            lambda progress, stop: make(audit, asked, progress=progress, stop=stop),
            then=self._made,
            fail=self._not_made,
            step=self._going,
        )
        return True

    def stop(self) -> None:
        """Stop making points."""
        self._errands.stop("points")
        self._end()

    def _end(self) -> None:
        """Take in that nothing is being made any more; what was made is there."""
        self.building = False
        self._busy("")
        self.read()

    def _made(self, _: None) -> None:
        self._end()

    def _not_made(self, why: str) -> None:
        self._end()
        self._failed(why)

    def _going(self, step: Step) -> None:
        if step.stage == "points":
            self.read()
            self._busy(f"{step.detail}; b stops")
        else:
            self._busy(f"{step.stage} {step.done}{f'/{step.total}' if step.total else ''}; b stops")
