"""To another snapshot: the epoch before or after, another run, another layer."""

from collections.abc import Callable
from dataclasses import replace

from dejavu_tui.app.desk import Desk, Snapshot
from dejavu_tui.app.errands import Errands
from dejavu_tui.records import Step
from dejavu_tui.workflows.browse import BrowseView


class Travel:
    """Opens snapshots in a thread and lays them on the desk; asked again and again, it goes on from the one that is
    being opened.

    `changed` is called when the desk has changed, `told` when only the line above has, `say` with what went wrong.
    """

    def __init__(
        self,
        desk: Desk,
        errands: Errands,
        *,
        changed: Callable[[], None],
        told: Callable[[], None],
        say: Callable[[str, bool], None],
    ) -> None:
        self._desk = desk
        self._errands = errands
        self._changed = changed
        self._told = told
        self._say = say
        self._opening: Snapshot | None = None

    @property
    def here(self) -> Snapshot:
        """The snapshot on the desk."""
        view = self._desk.view
        return Snapshot(view.run, view.epoch, view.layer)

    def step(self, by: int) -> None:
        """Go `by` snapshots on in training, or back."""
        epochs = self._desk.view.epochs
        at = self._opening or self.here
        place = epochs.index(at.epoch if at.epoch in epochs else self._desk.view.epoch) + by
        if not 0 <= place < len(epochs):
            self._say("This is the last snapshot." if by > 0 else "This is the first snapshot.", False)
            return
        self.go(replace(at, epoch=epochs[place]))

    def go(self, snapshot: Snapshot) -> None:
        """Open `snapshot`."""
        self._opening = snapshot
        self._desk.busy = f"opening {self._named(snapshot)}"
        self._told()
        open_view = self._desk.open_view
        self._errands.start(
            "snapshot",
            lambda progress, stop: open_view(snapshot, progress, stop),
            then=self._arrived,
            fail=self._failed,
            step=self._going,
        )

    def _named(self, snapshot: Snapshot) -> str:
        if snapshot.run != self._desk.view.run:
            return f"run {snapshot.run}"
        if snapshot.layer != self._desk.view.layer:
            return f"layer {snapshot.layer}"
        return f"epoch {snapshot.epoch}"

    def _arrived(self, view: BrowseView) -> None:
        self._opening, self._desk.busy = None, ""
        self._desk.show(view)
        self._changed()

    def _going(self, step: Step) -> None:
        if self._opening is not None:
            of = f"/{step.total}" if step.total else ""
            self._desk.busy = f"{self._named(self._opening)}: {step.stage} {step.done}{of}"
            self._told()

    def _failed(self, why: str) -> None:
        self._opening, self._desk.busy = None, ""
        self._told()
        self._say(why, True)
