"""The screen on which any picture, or a crop of it, is held against the public images."""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Paste
from textual.timer import Timer
from textual.widgets import Static

from dejavu_tui.app.acts.asking import Asked, find
from dejavu_tui.app.acts.framing import FramingScreen
from dejavu_tui.app.acts.paneled import PanelScreen
from dejavu_tui.app.acts.questions import Answers, Questions
from dejavu_tui.app.acts.unlisted import UnlistedScreen
from dejavu_tui.app.busy import say_busy
from dejavu_tui.app.desk import Desk
from dejavu_tui.app.widgets.answers import BOTH_LEGEND
from dejavu_tui.app.widgets.fitted import Fitted
from dejavu_tui.app.widgets.framed import FramedPicture
from dejavu_tui.app.widgets.nearest import NearestPair
from dejavu_tui.app.widgets.pathline import PathLine
from dejavu_tui.app.words.querylines import ASKING, asked_about, lacking

_CALM = 0.4
"""Seconds without a move of the frame before the index is asked."""


class QueryScreen(PanelScreen, FramingScreen, UnlistedScreen):
    """A line for a path; below it the picture with a frame, and what both encoders find near it."""

    NAME = "query"
    LETTER = "Q"
    ORDER = 7
    PANELS: ClassVar[tuple[str, str, str]] = ("framed", "under_a", "under_b")
    LEGEND = (
        ("most", "the class that most of the neighbours are of, and how many"),
        BOTH_LEGEND,
        ("saw it", "the encoder was trained on this image"),
    )
    CSS: ClassVar[str] = """
    QueryScreen PathLine { height: 1; background: $surface; }
    QueryScreen PathLine .sign { width: 2; padding-left: 1; }
    QueryScreen PathLine Input { width: 1fr; height: 1; padding: 0 1; background: $surface; border: none; }
    QueryScreen PathLine Input:focus { background: $boost; }
    QueryScreen #asked { height: 1; padding: 0 1; }
    QueryScreen #asked.-refused { color: $text-error; height: auto; max-height: 3; }
    QueryScreen #found { height: 1fr; border-top: solid $surface-lighten-2; padding: 0 1; }
    QueryScreen #framed { width: 34%; padding-right: 1; }
    QueryScreen #framed .legend { height: 2; }
    QueryScreen #lack { display: none; width: 1fr; height: 1fr; padding: 1 2; }
    QueryScreen.-lacking #lack, QueryScreen.-asking.-unasked #lack { display: block; }
    QueryScreen.-lacking NearestPair, QueryScreen.-asking.-unasked NearestPair { display: none; }
    QueryScreen.-unasked NearestPair { visibility: hidden; }
    QueryScreen.-narrow.-asking #lack { display: none; }
    QueryScreen.-narrow #framed { width: 1fr; padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i,slash", "type", "Path", key_display="i", id="query_type",
                tooltip="Type or paste the path of a picture; up and down bring back former ones"),
        Binding("n", "page(1)", "More", id="query_more", tooltip="Farther neighbours"),
        Binding("N", "page(-1)", "Nearer", show=False, id="query_nearer", tooltip="Nearer neighbours"),
        Binding("enter", "ask", "Ask", show=False, id="query_ask", tooltip="Ask the index now"),
        Binding("b", "build", "Build", show=False, id="query_build",
                tooltip="Build the index if there is none; again: stop"),
        Binding("escape", "back", "Back", show=False, key_display="esc", id="query_back",
                tooltip="Stop building; else the whole picture"),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.answers: Answers | None = None
        busy = partial(say_busy, self)
        self.questions = Questions(desk, self.errands, answered=self._answered, failed=self._refused, busy=busy)
        self._followed: int | None = None
        self._calm: Timer | None = None

    def body(self) -> ComposeResult:
        """Line, what is asked about, pictures."""
        yield PathLine()
        yield Fitted(id="asked")
        with Horizontal(id="found"):
            yield FramedPicture(self.desk.gallery, self.desk.pictures, id="framed")
            yield Static(id="lack")
            yield NearestPair(self.desk.gallery, self.desk.pictures, ids=self.PANELS[1:])

    def draw(self) -> None:
        """Take the image that is looked at, if it is another by now; ask again, for the snapshot may be another."""
        if self.desk.image_id is not None and self.desk.image_id != self._followed:
            self._followed = self.desk.image_id
            self.open(str(self.desk.image_id))
        elif self.asked is not None:
            self._take_back()
            self._soon()
        self._write()

    def twin(self) -> Sequence[str]:
        """Return the command that prints the same neighbours."""
        view = self.desk.view
        words = ["dejavu", "query", str(self.desk.audit.root), self.asked.word if self.asked else "IMAGE"]
        if self.frame is not None and not self.frame.whole:
            box = self.frame.box
            words += ["--crop", f"{box.x0},{box.y0},{box.x1},{box.y1}"]
        return [*words, "--run", view.run, "--epoch", str(view.epoch), "--layer", view.layer, "--k", str(view.k)]

    def open(self, typed: str) -> None:
        """Ask about another picture; what was typed wrong leaves all as it was."""
        audit, line = self.desk.audit, self.query_one(PathLine)
        shown = line.show(typed)
        self._await()

        def opened(asked: Asked) -> None:
            line.settle(shown, asked.word)
            self._opened(asked)

        self.errands.start("open", lambda _progress, _stop: find(audit, typed), then=opened, fail=self._refused)

    def on_path_line_typed(self, event: PathLine.Typed) -> None:
        """A path was typed."""
        self.open(event.text)

    def on_paste(self, event: Paste) -> None:
        """A path was pasted, or a file dropped on the window."""
        event.stop()
        self.open(event.text)

    def action_type(self) -> None:
        """Type a path."""
        self.query_one(PathLine).edit()

    def action_page(self, by: int) -> None:
        """Show farther or nearer neighbours."""
        self.query_one(NearestPair).page(by, k=self.desk.view.k)
        self._write()

    def action_back(self) -> None:
        """Stop building, else the whole picture."""
        if self.questions.building:
            self.action_build()
        else:
            self.action_whole()

    def action_build(self) -> None:
        """Build the index, or stop that."""
        if self.questions.building:
            self.questions.stop()
        elif self.has_class("-lacking") and self.asked and self.frame:
            self._take_back()
            self.questions.build(self.asked, self.frame)

    def action_ask(self) -> None:
        """Ask the index now."""
        self._take_back()
        self._ask()

    def _ask(self) -> None:
        if self.asked and self.frame and not self.questions.building:
            self.questions.ask(self.asked, self.frame)
            self._await()

    def _await(self) -> None:
        """Until there is a first answer, say that one is awaited."""
        if not self.has_class("-lacking"):
            self.add_class("-asking")
            self.query_one("#lack", Static).update(ASKING)

    def framed(self) -> None:
        """Show the frame; ask when it has come to rest."""
        self._take_back()
        self._write()
        self._soon()

    def _soon(self) -> None:
        """Ask when the frame has come to rest."""
        if self._calm is not None:
            self._calm.stop()
        self._calm = self.set_timer(_CALM, self._ask)

    def _opened(self, asked: Asked) -> None:
        self.put_on(asked)
        self.answers = None
        self.query_one(NearestPair).page(0, k=self.desk.view.k)
        self._take_back()
        self._write()
        self._ask()

    def _refused(self, why: str) -> None:
        self.remove_class("-asking")
        line = self.query_one("#asked", Fitted)
        line.add_class("-refused")
        line.write(lambda width: asked_about(None, None, why=why, width=3 * width))
        line.refresh(layout=True)

    def _take_back(self) -> None:
        """Refuse nothing any more: something else is wanted."""
        self.query_one("#asked").remove_class("-refused")

    def _answered(self, answers: Answers | None) -> None:
        if not self.questions.about(self.asked, self.frame):
            self._ask()
            return
        self.answers = answers
        self.remove_class("-asking")
        self.set_class(answers is None, "-lacking")
        self.call_after_refresh(self._write)

    def _write(self) -> None:
        """Show what is asked about, and what was answered."""
        self.set_class(self.answers is None, "-unasked")
        asked, frame = self.asked, self.frame
        line = self.query_one("#asked", Fitted)
        if not line.has_class("-refused"):
            line.write(lambda width: asked_about(asked, frame, why="", width=width))
        if self.has_class("-lacking"):
            self.query_one("#lack", Static).update(lacking(self.desk))
        if asked is None or frame is None:
            return
        self.query_one(FramedPicture).show(asked, frame)
        if self.answers is not None:
            self.query_one(NearestPair).show(self.answers, source=self.desk.view.source)


SCREEN = QueryScreen
