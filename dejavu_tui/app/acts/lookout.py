"""Looks at the audit in a thread: first what it holds, then, votes being counted, what came out."""

from collections.abc import Callable

from dejavu_tui.app.errands import Errands
from dejavu_tui.records import Progress, Step, Stop
from dejavu_tui.workflows.calibrate.record import quote
from dejavu_tui.workflows.overview import Overview, holdings, overview
from dejavu_tui.workspace import Audit


class Lookout:
    """Keeps what was `seen` of `audit`; None: nothing yet. `counting` says how far the counting of votes is.

    `first` gives the run whose votes are counted before those of the others; each run is shown as soon as it is.
    `changed` is called when something else is seen, or the counting goes on; `failed` with why nothing can be seen.
    """

    def __init__(
        self,
        errands: Errands,
        audit: Audit,
        *,
        first: Callable[[], str],
        changed: Callable[[], None],
        failed: Callable[[str], None],
    ) -> None:
        self._errands = errands
        self._audit = audit
        self._first = first
        self._changed = changed
        self._failed = failed
        self._looking = False
        self._again = False
        self.seen: Overview | None = None
        self.calibration: str | None = None
        self.counting = ""

    def look(self) -> None:
        """Look at the audit; asked while that goes on, look once more afterwards."""
        if self._looking:
            self._again = True
            return
        self._looking = True
        if self.seen is None:
            work, audit = holdings, self._audit
            self._errands.start("overview", lambda _, __: work(audit), then=self._held, fail=self._fail)
        else:
            self._count()

    def _held(self, seen: Overview) -> None:
        self.seen = seen
        self.counting = "Counting votes"
        self._changed()
        self._count_next(frozenset())

    def _count_next(self, counted: frozenset[str]) -> None:
        """Count one more run: the one that is looked at, else the next in order; the last one with all."""
        assert self.seen is not None  # noqa: S101  it is held before it is counted
        left = [run.name for run in self.seen.runs if run.name not in counted]
        if len(left) <= 1:
            self._count()
            return
        audit, first = self._audit, self._first()
        now = counted | {first if first in left else left[0]}

        def work(progress: Progress, stop: Stop) -> Overview:
            return overview(audit, counted=now, progress=progress, stop=stop)

        def then(seen: Overview) -> None:
            self.seen = seen
            self._changed()
            self._count_next(now)

        self._errands.start("overview", work, then=then, fail=self._fail, step=self._step)

    def _count(self) -> None:
        audit = self._audit

        def work(progress: Progress, stop: Stop) -> tuple[Overview, str | None]:
            return overview(audit, progress=progress, stop=stop), quote(audit)

        self._errands.start("overview", work, then=self._counted, fail=self._fail, step=self._step)

    def _counted(self, found: tuple[Overview, str | None]) -> None:
        former = self.seen, self.calibration, self.counting
        self.seen, self.calibration = found
        self.counting, self._looking = "", False
        if former[0] is None or (former[0].stamp, *former[1:]) != (self.seen.stamp, self.calibration, ""):
            self._changed()
        if self._again:
            self._again = False
            self.look()

    def _step(self, step: Step) -> None:
        if self.counting:
            self.counting = f"Counting votes: snapshot {step.done + 1} of {step.total}"
            self._changed()

    def _fail(self, why: str) -> None:
        self._looking, self.counting = False, ""
        self._failed(why)
