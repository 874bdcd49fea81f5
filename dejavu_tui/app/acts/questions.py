"""Questions to the index of X, asked in a thread; an index that is not there is built only if that is wanted."""

from collections.abc import Callable
from functools import partial

from dejavu_tui.app.acts.asking import Asked, indexed, nearest
from dejavu_tui.app.desk import Desk
from dejavu_tui.app.errands import Errands
from dejavu_tui.app.pixels.cropframe import CropFrame
from dejavu_tui.app.samples import Answer
from dejavu_tui.records import Progress, Step, Stop

Answers = tuple[Answer, Answer]


class Questions:
    """Asks one at a time; a new question stops the one before it.

    `answered` gets what SSL_A and SSL_B find, or None where there is no index; `failed` why there is no answer;
    `busy` what is being built (empty: nothing).
    """

    def __init__(
        self,
        desk: Desk,
        errands: Errands,
        *,
        answered: Callable[[Answers | None], None],
        failed: Callable[[str], None],
        busy: Callable[[str], None],
    ) -> None:
        self.building = False
        self._last: tuple[object, ...] | None = None
        self._desk = desk
        self._errands = errands
        self._answered = answered
        self._failed = failed
        self._busy = busy

    def about(self, asked: Asked | None, frame: CropFrame | None) -> bool:
        """Tell whether the last question was about this crop of this picture, and the snapshot on the desk."""
        view = self._desk.view
        return self._last == (asked, frame, view.run, view.epoch, view.layer)

    def ask(self, asked: Asked, frame: CropFrame) -> None:
        """Ask about a crop of a picture, if there is an index."""
        self._note(asked, frame)

        def work(progress: Progress, stop: Stop) -> Answers | None:
            if not indexed(self._desk):
                return None
            return nearest(self._desk, asked, frame.named, progress=progress, stop=stop)

        self._errands.start("query", work, then=self._came, fail=self._not_come)

    def build(self, asked: Asked, frame: CropFrame) -> None:
        """Build the index, then ask."""
        self._note(asked, frame)
        self.building = True
        self._busy("building the index; b stops")
        work = partial(nearest, self._desk, asked, frame.named)
        self._errands.start(
            "query",
            lambda progress, stop: work(progress=progress, stop=stop),
            then=self._came,
            fail=self._not_come,
            step=self._going,
        )

    def stop(self) -> None:
        """Stop building."""
        self._errands.stop("query")
        self._end()

    def _note(self, asked: Asked, frame: CropFrame) -> None:
        view = self._desk.view
        self._last = asked, frame, view.run, view.epoch, view.layer

    def _end(self) -> None:
        if self.building:
            self.building = False
            self._busy("")

    def _came(self, answers: Answers | None) -> None:
        self._end()
        self._answered(answers)

    def _not_come(self, why: str) -> None:
        self._end()
        self._failed(why)

    def _going(self, step: Step) -> None:
        of = f"/{step.total}" if step.total else ""
        self._busy(f"{step.stage} {step.done:,}{of}; b stops")
