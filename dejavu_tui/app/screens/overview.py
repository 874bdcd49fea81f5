"""The screen on which one sees what an audit holds, what came out so far, and what is missing."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from dejavu_tui.app.acts.clipboard import Copy
from dejavu_tui.app.acts.lookout import Lookout
from dejavu_tui.app.acts.unlisted import UnlistedScreen
from dejavu_tui.app.desk import Desk, Snapshot
from dejavu_tui.app.epochs import epoch_chart
from dejavu_tui.app.widgets.chart import ChartView
from dejavu_tui.app.widgets.fitted import Fitted
from dejavu_tui.app.widgets.lacks import LackPanel
from dejavu_tui.app.widgets.ledger import Ledger
from dejavu_tui.app.words import runlines
from dejavu_tui.app.words.runlines import RUN_COLUMNS, RunLine
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.overview import TOPS, Overview, RunFacts, SnapshotFacts

if TYPE_CHECKING:
    from dejavu_tui.app.application import DejavuApp

PANELS = ("runs", "score", "facts", "lacks")


class OverviewScreen(UnlistedScreen):
    """Runs above; below scores of one over its epochs, and facts of one of these; at the bottom what is missing."""

    NAME = "overview"
    LETTER = "O"
    ORDER = 1
    LEGEND = (
        ("score", "accuracy of the target encoder less that of the reference, on the most confident of each"),
        ("E", "images that no encoder saw: their score is what chance does"),
        ("3/5", "scored: snapshots whose neighbours are stored, of those that are there"),
        ("−0.7 to 6.8%", "95% interval of the score; in the plot the dotted band"),
        ("probe gap", "accuracy of a linear probe on the training set of the encoder less that on held-out images"),
    )
    CSS: ClassVar[str] = """
    OverviewScreen #split { height: auto; max-height: 3; padding: 0 1; background: $surface; }
    OverviewScreen #middle { height: 1fr; }
    OverviewScreen #score { width: 1fr; height: 1fr; padding-left: 1; }
    OverviewScreen #facts { width: 38; height: 1fr; padding: 0 1; }
    OverviewScreen.-wide #facts { width: 46; }
    OverviewScreen.-narrow .-away { display: none; }
    OverviewScreen.-narrow #facts { width: 1fr; }
    OverviewScreen.-narrow #runs, OverviewScreen.-narrow #lacks { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Browse", id="open_snapshot",
                tooltip="Browse this snapshot; on what is missing: copy the command"),
        Binding("right,l", "later(1)", "Later in run", show=False, key_display="→", id="later_epoch",
                tooltip="The next epoch of this run; l too"),
        Binding("left,h", "later(-1)", "Earlier in run", show=False, key_display="←", id="earlier_epoch",
                tooltip="The epoch before; h too"),
        Binding("tab", "panel", "Panel", priority=True, id="panel",
                tooltip="To what is missing, and back; below 60 columns the next panel"),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.run: str = desk.view.run
        here, audit = (lambda: self.run), desk.audit
        self._lookout = Lookout(self.errands, audit, first=here, changed=self._fill, failed=self._failed)
        self.epoch: int | None = desk.view.epoch
        self._followed = desk.view
        self._asked_twice: tuple[str, int] | None = None
        self._panel = 0

    def body(self) -> ComposeResult:
        """Split, runs, scores and facts, what is missing."""
        yield Static(id="split")
        yield Ledger(RUN_COLUMNS, id="runs")
        with Horizontal(id="middle"):
            yield ChartView(id="score")
            yield Fitted(id="facts")
        yield LackPanel(id="lacks")

    def on_mount(self) -> None:
        """Start among the runs."""
        self._runs.focus()

    def draw(self) -> None:
        """Look at the audit in a thread; the cursor goes where the desk went."""
        view = self.desk.view
        if (view.run, view.epoch) != (self._followed.run, self._followed.epoch):
            self.run, self.epoch = view.run, view.epoch
        self._followed = view
        self._fill()
        self._lookout.look()

    def on_screen_resume(self) -> None:
        """Look again: while another screen is in front nobody tells what has grown."""
        super().on_screen_resume()
        self._lookout.look()

    def grew(self) -> None:
        """Look again."""
        super().grew()
        self._lookout.look()

    def twin(self) -> Sequence[str]:
        """Return the command that prints the same."""
        return ["dejavu", "overview", str(self.desk.audit.root)]

    def resized(self) -> None:
        """Give each part the rows it gets at this height."""
        super().resized()
        self.set_class(self.size.width >= 110, "-wide")
        self._lay_out()
        if self.seen is not None:
            self._facts()
        if self.focused is None:  # what is not displayed loses the keyboard
            self._runs.focus()

    @property
    def seen(self) -> Overview | None:
        """What was last seen of the audit."""
        return self._lookout.seen

    @property
    def _runs(self) -> Ledger[RunLine]:
        return cast("Ledger[RunLine]", self.query_one("#runs", Ledger))

    @property
    def facts(self) -> RunFacts | None:
        """The run under the cursor."""
        row = self._runs.row
        return row.facts if row else None

    @property
    def snapshot(self) -> SnapshotFacts | None:
        """The snapshot that is set off."""
        found = self.facts
        return next((one for one in found.snapshots if one.epoch == self.epoch), None) if found else None

    def on_ledger_moved(self) -> None:
        """Show another run."""
        self._arrive()

    async def on_ledger_opened(self) -> None:
        """A row was clicked twice."""
        await self.action_open()

    def on_chart_view_clicked(self, event: ChartView.Clicked) -> None:
        """An epoch was clicked."""
        self.epoch = round(event.at)
        self._facts()

    def action_later(self, by: int) -> None:
        """Set off the next epoch of the run, or the one before."""
        epochs = [one.epoch for one in self.facts.snapshots] if self.facts else []
        if self.epoch in epochs:
            self.epoch = epochs[min(max(epochs.index(self.epoch) + by, 0), len(epochs) - 1)]
            self._facts()

    def action_panel(self) -> None:
        """Go between runs and what is missing, or show the next panel."""
        if self.has_class("-narrow"):
            self._panel = (self._panel + 1) % len(PANELS)
            self._lay_out()
            panel = self.query_one(LackPanel).ledger if PANELS[self._panel] == "lacks" else self._runs
            self.call_after_refresh(panel.focus)
        elif self.query_one(LackPanel).ledger.has_focus or not self.query_one(LackPanel).ledger.rows:
            self._runs.focus()
        else:
            self.query_one(LackPanel).ledger.focus()

    async def action_open(self) -> None:
        """Browse the snapshot that is set off, or copy the command under the cursor."""
        app = cast("DejavuApp", self.app)
        if self.query_one(LackPanel).ledger.has_focus:
            if self.query_one(LackPanel).command:
                self.say(app.copier.copy(Copy("command", self.query_one(LackPanel).command)))
            return
        found, at, view = self.facts, self.snapshot, self.desk.view
        if found is None or at is None:
            self.say("There is no snapshot of both encoders here yet.")
            return
        here = (found.name, at.epoch)
        if here != (view.run, view.epoch):
            if not at.stored.scored and self._asked_twice != here:
                self._asked_twice = here
                self.say(f"Epoch {at.epoch} is not scored: enter again measures it now, which may take minutes.")
                return
            layer = view.layer if view.layer in at.stored.layers else None
            app.travel.go(Snapshot(found.name, at.epoch, layer))
        await app.action_go("browse")

    def _failed(self, why: str) -> None:
        self.query_one(ChartView).clear(Content.styled(safe_text(why), "$text-error"))

    def _fill(self) -> None:
        if self.seen is None:
            return
        lines = runlines.run_lines(self.seen)
        at = next((place for place, line in enumerate(lines) if line.facts.name == self.run), 0)
        parts = runlines.split(self.seen, self._lookout.calibration, width=self.size.width - 2)
        self.query_one("#split", Static).update(parts)
        self._runs.show(lines, cursor=at)
        self.query_one(LackPanel).show(self.seen.missing)
        self._arrive()
        self._lay_out()

    def _arrive(self) -> None:
        """Keep the epoch where the run under the cursor has it; else its last."""
        found = self.facts
        if found is not None:
            self.run = found.name
            epochs = [one.epoch for one in found.snapshots]
            self.epoch = self.epoch if self.epoch in epochs else (epochs[-1] if epochs else None)
        self._facts()

    def _facts(self) -> None:
        """Show the run under the cursor, and the snapshot that is set off."""
        seen, found, chart = self.seen, self.facts, self.query_one(ChartView)
        facts = self.query_one("#facts", Fitted)
        if seen is None or found is None:
            chart.clear(Content.styled("No run yet: the command below trains one.", "$text-muted"))
            facts.write(lambda _: Content(""))
            return
        scores = seen.scores.filter(run=found.name)
        at = self.snapshot
        where = (
            found.name if at is None or self.has_class("-narrow") else f"{safe_text(at.stored.layer)}, k {seen.k}"
        )
        of_epoch = scores.filter(epoch=self.epoch) if self.epoch is not None else scores.clear()
        told = partial(runlines.snapshot_facts, found, at, of_epoch, where=where)
        facts.write(lambda width: told(width=width, height=facts.size.height))
        if scores.is_empty():
            why = self._lookout.counting or "No snapshot of this run is scored yet."
            chart.clear(Content.styled(why, "$text-muted"))
        else:
            epochs = [one.epoch for one in found.snapshots]
            chart.show(epoch_chart(scores, epochs, percent=TOPS[0]), at=self.epoch)

    def _lay_out(self) -> None:
        narrow, height = self.has_class("-narrow"), self.size.height
        for place, name in enumerate(PANELS):
            self.query_one(f"#{name}").set_class(narrow and place != self._panel, "-away")
        self.query_one("#middle").set_class(narrow and PANELS[self._panel] not in ("score", "facts"), "-away")
        missing = self.query_one(LackPanel).ledger
        runs, lacks = len(self._runs.rows), len(missing.rows)
        self._runs.styles.height = None if narrow else 1 + min(max(runs, 1), max(2, (height - 14) // 2))
        missing.styles.height = None if narrow else 1 + min(lacks, max(1, (height - 16) // 4))


SCREEN = OverviewScreen
