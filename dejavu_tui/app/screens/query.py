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
from dejavu_tui.app.acts.paneled import PanelScreen
from dejavu_tui.app.acts.questions import Answers, Questions
from dejavu_tui.app.busy import say_busy
from dejavu_tui.app.desk import Desk
from dejavu_tui.app.pixels.cropframe import CropFrame, whole
from dejavu_tui.app.widgets.framed import FramedPicture
from dejavu_tui.app.widgets.nearest import NearestPair
from dejavu_tui.app.widgets.pathline import PathLine
from dejavu_tui.app.words.querylines import asked_about, lacking

_CALM = 0.4
"""Seconds without a move of the frame before the index is asked."""


class QueryScreen(PanelScreen):
    """A line for a path; below it the picture with a frame, and what both encoders find near it."""

    NAME = "query"
    LETTER = "Q"
    ORDER = 7
    PANELS: ClassVar[tuple[str, str, str]] = ("framed", "under_a", "under_b")
    LEGEND = (
        ("most", "the class that most of the neighbours are of, and how many"),
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
    QueryScreen NearestPair { width: 1fr; }
    QueryScreen #lack { display: none; width: 1fr; height: 1fr; padding: 1 2; }
    QueryScreen.-lacking #lack { display: block; }
    QueryScreen.-lacking NearestPair { display: none; }
    QueryScreen.-unasked NearestPair { visibility: hidden; }
    QueryScreen.-narrow #framed { width: 1fr; padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i,slash", "type", "Path", key_display="i", id="query_type",
                tooltip="Type or paste the path of a picture; up and down bring back former ones"),
        Binding("left,h", "move(-1, 0)", "Move", key_display="←↑↓→", id="crop_left",
                tooltip="Move the crop to the left; h too"),
        Binding("right,l", "move(1, 0)", "Right", show=False, key_display="→", id="crop_right",
                tooltip="Move the crop to the right; l too"),
        Binding("up,k", "move(0, -1)", "Up", show=False, key_display="↑", id="crop_up",
                tooltip="Move the crop up; k too"),
        Binding("down,j", "move(0, 1)", "Down", show=False, key_display="↓", id="crop_down",
                tooltip="Move the crop down; j too"),
        Binding("shift+left,left_parenthesis", "size(-1, 0)", "Size", key_display="⇧←", id="crop_narrower",
                tooltip="Make the crop narrower; ( too"),
        Binding("shift+right,right_parenthesis", "size(1, 0)", "Wider", show=False, key_display="⇧→",
                id="crop_wider", tooltip="Make the crop wider; ) too"),
        Binding("shift+up,left_curly_bracket", "size(0, -1)", "Lower", show=False, key_display="⇧↑",
                id="crop_lower", tooltip="Make the crop less high; { too"),
        Binding("shift+down,right_curly_bracket", "size(0, 1)", "Higher", show=False, key_display="⇧↓",
                id="crop_higher", tooltip="Make the crop higher; } too"),
        Binding("w", "whole", "Whole", id="crop_whole", tooltip="The whole picture"),
        Binding("p", "preset", "Preset", id="crop_preset",
                tooltip="The next preset: crop and objects of the audit, corners, middle"),
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
        self.asked: Asked | None = None
        self.frame: CropFrame | None = None
        self.answers: Answers | None = None
        busy = partial(say_busy, self)
        self.questions = Questions(desk, self.errands, answered=self._answered, failed=self._refused, busy=busy)
        self._followed: int | None = None
        self._preset = 0
        self._calm: Timer | None = None

    def body(self) -> ComposeResult:
        """Line, what is asked about, pictures."""
        yield PathLine()
        yield Static(id="asked")
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

    def resized(self) -> None:
        """Write what depends on the width."""
        super().resized()
        self._write()

    def open(self, typed: str) -> None:
        """Ask about another picture; what was typed wrong leaves all as it was."""
        audit, line = self.desk.audit, self.query_one(PathLine)
        shown = line.show(typed)

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

    def on_framed_picture_drawn(self, event: FramedPicture.Drawn) -> None:
        """The crop was drawn with the mouse."""
        if self.frame is not None:
            self._put(self.frame.put(event.box))

    def action_type(self) -> None:
        """Type a path."""
        self.query_one(PathLine).edit()

    def action_move(self, across: int, down: int) -> None:
        """Move the crop."""
        if self.frame is not None:
            self._put(self.frame.moved(across, down))

    def action_size(self, across: int, down: int) -> None:
        """Resize the crop."""
        if self.frame is not None:
            self._put(self.frame.resized(across, down))

    def action_whole(self) -> None:
        """The whole picture."""
        if self.asked is not None:
            self._preset = 0
            self._put(whole(self.asked.width, self.asked.height))

    def action_preset(self) -> None:
        """The next crop that is worth asking about."""
        if self.asked is not None and self.frame is not None:
            self._preset = (self._preset + 1) % len(self.asked.crops)
            self._put(self.frame.put(self.asked.crops[self._preset][1]))

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
            self.questions.build(self.asked, self.frame)

    def action_ask(self) -> None:
        """Ask the index now."""
        if self.asked and self.frame and not self.questions.building:
            self.questions.ask(self.asked, self.frame)

    def _put(self, frame: CropFrame) -> None:
        if frame != self.frame:
            self.frame = frame
            self._write()
            self._soon()

    def _soon(self) -> None:
        """Ask when the frame has come to rest."""
        if self._calm is not None:
            self._calm.stop()
        self._calm = self.set_timer(_CALM, self.action_ask)

    def _opened(self, asked: Asked) -> None:
        self.asked, self.frame = asked, whole(asked.width, asked.height)
        self.answers, self._preset = None, 0
        self.query_one(NearestPair).page(0, k=self.desk.view.k)
        self.query_one("#asked").remove_class("-refused")
        self._write()
        self.action_ask()

    def _refused(self, why: str) -> None:
        line = self.query_one("#asked", Static)
        line.add_class("-refused")
        line.update(asked_about(None, None, why=why, width=3 * self.size.width))

    def _answered(self, answers: Answers | None) -> None:
        if not self.questions.about(self.asked, self.frame):
            self.action_ask()
            return
        self.answers = answers
        self.query_one("#asked").remove_class("-refused")
        self.set_class(answers is None, "-lacking")
        self.call_after_refresh(self._write)

    def _write(self) -> None:
        """Show what is asked about, and what was answered."""
        self.set_class(self.answers is None, "-unasked")
        asked, frame = self.asked, self.frame
        line = self.query_one("#asked", Static)
        if not line.has_class("-refused"):
            line.update(asked_about(asked, frame, why="", width=self.size.width - 2), layout=False)
        self.query_one("#lack", Static).update(lacking(self.desk))
        if asked is None or frame is None:
            return
        self.query_one(FramedPicture).show(asked, frame)
        if self.answers is not None:
            self.query_one(NearestPair).show(self.answers, source=self.desk.view.source)


SCREEN = QueryScreen
