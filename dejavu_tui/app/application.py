"""The application: its screens, what they share, and how it starts and ends."""

import asyncio
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import ClassVar

import polars as pl
from textual.binding import Binding, BindingType
from textual.events import Event, Key
from textual.worker import WorkerFailed

from dejavu_tui.app.acts.clipboard import Clipboard
from dejavu_tui.app.acts.common import CommonActions
from dejavu_tui.app.desk import Desk, OpenView, Query, Snapshot
from dejavu_tui.app.errands import Came, Errands
from dejavu_tui.app.following import Following
from dejavu_tui.app.notices import Notices
from dejavu_tui.app.pixels.gallery import Gallery, read_below
from dejavu_tui.app.registry import tab_screens
from dejavu_tui.app.travel import Travel
from dejavu_tui.app.widgets.picture import Mode
from dejavu_tui.app.widgets.pictures import picture_class
from dejavu_tui.app.widgets.tabs import TabLine
from dejavu_tui.images.boxes import Box
from dejavu_tui.listing.places import OPENING, Listing
from dejavu_tui.records import Progress, Stop
from dejavu_tui.workflows import browse as workflow
from dejavu_tui.workflows.browse import BrowseView
from dejavu_tui.workflows.query import query as query_index
from dejavu_tui.workspace import Audit

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
OPENING_SCREEN = "browse"


@dataclass(frozen=True)
class Preferences:
    """How the user likes the screens: keys by id of the action, colours, and whether the clipboard may be used."""

    keymap: Mapping[str, str] = field(default_factory=dict)
    theme: str | None = None
    """None: the one of Textual."""
    clipboard: bool = True


class DejavuApp(CommonActions):
    """Shows what lies on the desk; returns the ids of the selected images."""

    CSS_PATH = "app.tcss"
    TITLE = "dejavu"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "leave", "Quit", id="leave", tooltip="Leave"),
        Binding("ctrl+q", "leave", "Quit at once", show=False, priority=True, id="leave_always",
                tooltip="Leave, also from a question"),
        Binding("ctrl+c", "interrupt", "Interrupt", show=False, priority=True, id="interrupt",
                tooltip="Leave with exit code 130"),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False, id="suspend",
                tooltip="Back to the shell; fg returns"),
        Binding("left_square_bracket", "tab(-1)", "Tab", key_display="[ ]", id="tab_before", tooltip="Tab before"),
        Binding("right_square_bracket", "tab(1)", "Tab after", show=False, key_display="]", id="tab_after",
                tooltip="Tab after"),
        *(
            Binding(screen.LETTER.upper(), f"go('{screen.NAME}')", screen.NAME.capitalize(), show=False,
                    id=screen.NAME, tooltip=f"To the screen {screen.NAME.capitalize()}")
            for screen in tab_screens()
        ),
    ]  # fmt: skip

    def __init__(
        self,
        desk: Desk,
        *,
        start: str = OPENING_SCREEN,
        liked: Preferences = Preferences(),
        news: Sequence[str] = (),
    ) -> None:
        """`start` is the name of a screen; `news` is told when the app has started."""
        # The mode that is open when the app starts: Textual takes it from the class.
        self.DEFAULT_MODE = start  # type: ignore[misc]
        super().__init__()
        self.desk = desk
        desk.tabs = tuple((screen.NAME, screen.LETTER) for screen in tab_screens())
        self.errands = Errands(self)
        self.notices = Notices(self)
        self.travel = Travel(desk, self.errands, changed=self.changed, told=self.told, say=self._say)
        self.copier = Clipboard(self.copy_to_clipboard, usable=liked.clipboard)
        self._following = Following(self, desk, self.errands, grew=self.grew, say=partial(self._say, bad=False))
        self.liked = liked
        self._news = list(news)
        self.theme_before = self.theme
        for screen in tab_screens():
            self.add_mode(screen.NAME, partial(screen, desk))

    @property
    def crash(self) -> Exception | None:
        """The error that nobody expected and that has ended the app; None: it has ended otherwise."""
        error = self._exception
        return error.error if isinstance(error, WorkerFailed) and isinstance(error.error, Exception) else error

    def on_mount(self) -> None:
        """Let signals end the app in order, so that the terminal is restored; begin to follow the audit."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._end, number)
        self.set_keymap(dict(self.liked.keymap))
        if self.liked.theme in self.available_themes:
            self.theme = self.liked.theme
        elif self.liked.theme is not None:
            self._news.append(f"There is no theme '{self.liked.theme}' any more.")
        self.theme_before = self.theme
        # After a stop (Ctrl-Z) Textual draws only what changes, on a terminal that shows what the shell left there.
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        self.call_after_refresh(self._begin)

    def on_unmount(self) -> None:
        """Leave no thread at work."""
        self.desk.gallery.close()

    async def on_event(self, event: Event) -> None:
        """A key takes away what was told before it."""
        if isinstance(event, Key) and not event.is_forwarded:
            self.notices.dismiss()
        await super().on_event(event)

    def on_came(self, event: Came) -> None:
        """Take in what a thread has brought; as the app ends it may come after the screens have gone."""
        if self.screen_stack:
            event.tell()

    def changed(self) -> None:
        """Draw what has changed on the desk; the other screens do when they come to the front."""
        self.front.changed()

    def told(self) -> None:
        """Write anew where we are and what is being done."""
        self.front.tell()

    def grew(self) -> None:
        """Show that the audit holds more than before."""
        self.front.grew()

    def action_leave(self) -> None:
        """Leave with the selected images."""
        self.exit(tuple(self.desk.selected))

    def action_interrupt(self) -> None:
        """Leave as SIGINT does."""
        self._end(signal.SIGINT)

    async def action_go(self, name: str) -> None:
        """Bring a screen to the front."""
        await self.switch_mode(name)

    async def action_tab(self, by: int) -> None:
        """Go to the tab before or after; after the last comes the first."""
        names = [screen.NAME for screen in tab_screens()]
        await self.switch_mode(names[(names.index(self.current_mode) + by) % len(names)])

    async def on_tab_line_chosen(self, event: TabLine.Chosen) -> None:
        """A tab was clicked."""
        await self.switch_mode(event.name)

    def _begin(self) -> None:
        for one in self._news:
            self._say(one, bad=False)
        self._following.start()

    def _say(self, text: str, bad: bool) -> None:
        self.front.say(text, bad=bad)

    def _end(self, number: int) -> None:
        self.exit(return_code=128 + number)

    def _fatal_error(self) -> None:
        """End after an error that nobody expected; whoever runs the app tells of `crash`."""
        self._close_messages_no_wait()


def make_app(
    audit: Audit,
    view: BrowseView,
    *,
    mode: Mode = "half",
    pick: bool = False,
    listing: Listing = OPENING,
    start: str = OPENING_SCREEN,
    open_view: OpenView | None = None,
    query: Query | None = None,
    image_id: int | None = None,
    kept: Mapping[str, str] | None = None,
    liked: Preferences = Preferences(),
    notices: Sequence[str] = (),
) -> DejavuApp:
    """Return the app on `view` of `audit`, pictures shown as `mode`; with `pick`, enter chooses.

    `open_view` and `query` answer in threads; None: from the audit. `image_id` and `kept` are where the user left
    off, `notices` what to tell first.

    Raises FilterError: a class in `listing` that the audit does not have.
    """
    desk = Desk(
        audit,
        view,
        open_view=open_view or partial(_open, audit),
        query=query or partial(_query, audit),
        gallery=Gallery(read=partial(read_below, view.source)),
        pictures=picture_class(mode),
        listing=listing,
        picking=pick,
        image_id=image_id,
        kept=dict(kept or {}),
    )
    return DejavuApp(desk, start=start, liked=liked, news=notices)


def _open(audit: Audit, at: Snapshot, progress: Progress, stop: Stop) -> BrowseView:
    return workflow.open_view(audit, run=at.run, epoch=at.epoch, layer=at.layer, progress=progress, stop=stop)


def _query(
    audit: Audit, view: BrowseView, picture: Path, crop: Box | None, progress: Progress, stop: Stop
) -> pl.DataFrame:
    found: pl.DataFrame = query_index(
        audit, picture, crop=crop, run=view.run, epoch=view.epoch, layer=view.layer, k=view.k, progress=progress,
        stop=stop,
    )  # fmt: skip
    return found
