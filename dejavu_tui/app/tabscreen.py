"""What every screen with a tab of its own has: the line of tabs, the footer, its command, and how it is redrawn."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Static

from dejavu_tui.app.desk import Desk
from dejavu_tui.app.errands import Came, Errands
from dejavu_tui.app.widgets.keyline import KeyLine
from dejavu_tui.app.widgets.tabs import TabLine

if TYPE_CHECKING:
    from dejavu_tui.app.application import DejavuApp

_NARROW = 60
_LEAST = (40, 12)
_TALL = 32


class TabScreen(Screen[None]):
    """A screen of the app; one file each in `screens`, which names its class `SCREEN`.

    Classes set by size: `-narrow` below 60 columns (one panel at a time), `-tiny` below 40 x 12 cells (a notice
    only), `-tall` from 32 rows on.
    """

    NAME: ClassVar[str]
    """Its tab, in lower case; also what is remembered as the screen last seen."""
    LETTER: ClassVar[str]
    """The letter of NAME whose capital is the key that leads here."""
    ORDER: ClassVar[int]
    """Place of its tab, from the left."""
    LEGEND: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Signs and words that only this screen shows, and what they mean, for its help."""
    AUTO_FOCUS = ""
    """Each screen says itself what has the keyboard: the first widget that could take it is an input that is not
    shown, which would swallow keys that are typed ahead.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "app.help", "Help", key_display="?", id="help", tooltip="All keys; how to read"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.errands = Errands(self)
        self._drawn: tuple[int, int | None] = -1, None

    def compose(self) -> ComposeResult:
        """Tabs, what the screen itself shows, keys."""
        yield TabLine(self.NAME, self.desk.tabs)
        yield from self.body()
        yield Static("This window is too small: 40 x 12 cells at least.", id="small")
        yield KeyLine()

    def body(self) -> ComposeResult:
        """Yield the widgets between tabs and footer."""
        raise NotImplementedError

    def draw(self) -> None:
        """Show what lies on the desk; called at each change, or when the screen comes to the front after one."""
        raise NotImplementedError

    def twin(self) -> Sequence[str]:
        """Return the command, word by word, that prints what this screen shows now."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Draw for the first time."""
        self.changed()

    def on_screen_resume(self) -> None:
        """Draw what has changed while another screen was in front, and tell what waited for a dialog to close."""
        cast("DejavuApp", self.app).notices.go_on()
        if self._drawn != (self.desk.stamp, self.desk.image_id):
            self.changed()

    def changed(self) -> None:
        """Draw what lies on the desk now."""
        self._drawn = self.desk.stamp, self.desk.image_id
        self.tell()
        self.draw()

    def grew(self) -> None:
        """The audit holds more than before: a log line, a snapshot, a result. The desk is as it was, but for the
        epochs of its run; a screen that shows more of the audit than the desk holds draws itself anew here.
        """
        self.tell()

    def tell(self) -> None:
        """Write the line of tabs: where we are, and what is being done; and what enter takes."""
        self.query_one(TabLine).show(self.desk.view, busy=self.desk.busy, width=self.size.width)
        self.query_one(KeyLine).say(self.taking() if self.desk.picking else "")

    def taking(self) -> str:
        """Where and how many images are taken when images are picked, in few words for the line of keys."""
        return f"enter on Browse takes {len(self.desk.selected) or 1:,}"

    def say(self, text: str, *, bad: bool = False) -> None:
        """Tell the user. `text` may hold names out of files."""
        cast("DejavuApp", self.app).notices.tell(text, bad=bad)

    def on_resize(self) -> None:
        """Set the classes that the layout depends on, then draw for the new size."""
        width, height = self.size
        self.set_class(width < _NARROW, "-narrow")
        self.set_class(width < _LEAST[0] or height < _LEAST[1], "-tiny")
        self.set_class(height >= _TALL, "-tall")
        self.refresh_bindings()
        self.call_after_refresh(self.resized)

    def resized(self) -> None:
        """Write anew what depends on the width; the widgets have their new size by now."""
        self.tell()

    def on_came(self, event: Came) -> None:
        """Take in what a thread has brought."""
        event.tell()
