"""The application: its screens, what they share, and how it ends."""

import asyncio
import signal
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.screen import Screen

from dejavu_tui.app.desk import Desk, OpenView, Query, Snapshot
from dejavu_tui.app.dialogs.help import Help
from dejavu_tui.app.errands import Came, Errands
from dejavu_tui.app.gallery import Gallery
from dejavu_tui.app.registry import tab_screens
from dejavu_tui.app.tabscreen import TabScreen
from dejavu_tui.app.travel import Travel
from dejavu_tui.app.widgets.picture import Mode, picture_class
from dejavu_tui.app.widgets.tabs import TabLine
from dejavu_tui.images.boxes import Box
from dejavu_tui.listing.places import OPENING, Listing
from dejavu_tui.records import Progress, Stop
from dejavu_tui.workflows import browse as workflow
from dejavu_tui.workflows.browse import BrowseView
from dejavu_tui.workflows.query import query as query_index
from dejavu_tui.workspace import Audit

_OWN = "dejavu_tui."
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
OPENING_SCREEN = "browse"


class DejavuApp(App[tuple[int, ...]]):
    """Shows what lies on the desk; returns the ids of the selected images."""

    CSS_PATH = "app.tcss"
    TITLE = "dejavu"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "leave", "Quit", id="leave", tooltip="Leave"),
        Binding("ctrl+q", "leave", "Quit", show=False, priority=True, tooltip="Leave"),
        Binding("ctrl+c", "interrupt", "Interrupt", show=False, priority=True, tooltip="Leave with exit code 130"),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False, tooltip="Back to the shell; fg returns"),
        Binding("left_square_bracket", "tab(-1)", "Tab", key_display="[ ]", id="tab_before", tooltip="Tab before"),
        Binding("right_square_bracket", "tab(1)", "Tab", show=False, key_display="]", id="tab_after",
                tooltip="Tab after"),
        Binding("comma", "epoch(-1)", "Epoch", key_display=", .", id="epoch_before", tooltip="The snapshot before"),
        Binding("full_stop", "epoch(1)", "Later", show=False, key_display=".", id="epoch_after",
                tooltip="The snapshot after"),
            *(
            Binding(screen.LETTER.upper(), f"go('{screen.NAME}')", screen.NAME.capitalize(), show=False,
                    id=screen.NAME, tooltip=f"To the screen {screen.NAME.capitalize()}")
            for screen in tab_screens()
        ),
    ]  # fmt: skip

    def __init__(self, desk: Desk, *, start: str = OPENING_SCREEN) -> None:
        # The mode that is open when the app starts: Textual takes it from the class.
        self.DEFAULT_MODE = start  # type: ignore[misc]
        super().__init__()
        self.desk = desk
        desk.tabs = tuple((screen.NAME, screen.LETTER) for screen in tab_screens())
        self.errands = Errands(self)
        self.travel = Travel(desk, self.errands, changed=self.changed, told=self.told, say=self._say)
        for screen in tab_screens():
            self.add_mode(screen.NAME, partial(screen, desk))
            self.bind(
                screen.LETTER.upper(), f"go('{screen.NAME}')", description=screen.NAME.capitalize(), show=False
            )

    @property
    def front(self) -> TabScreen:
        """The screen whose tab is in front, whatever lies over it."""
        screen = self.screen_stack[0]
        assert isinstance(screen, TabScreen)  # noqa: S101  every mode starts with one
        return screen

    def on_mount(self) -> None:
        """Let signals end the app in order, so that the terminal is restored."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._end, number)

    def on_unmount(self) -> None:
        """Leave no thread at work."""
        self.desk.gallery.close()

    def on_came(self, event: Came) -> None:
        """Take in what a thread has brought."""
        event.tell()

    def changed(self) -> None:
        """Draw what has changed on the desk; the other screens do when they come to the front."""
        self.front.changed()

    def told(self) -> None:
        """Write anew where we are and what is being done."""
        self.front.tell()

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

    def action_epoch(self, by: int) -> None:
        """Go to the snapshot before or after."""
        self.travel.step(by)

    def action_help(self) -> None:
        """Show all keys."""
        self.push_screen(Help(binding for _, binding in self._actions(self.screen)))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every key's action, by its name."""
        for place, binding in self._actions(screen):
            name = f"{binding.description} ({binding.key_display or binding.key})"
            yield SystemCommand(name, binding.tooltip, partial(self.run_action, binding.action, place))
        yield SystemCommand("Theme", "Choose other colours", self.action_change_theme)

    def _actions(self, screen: Screen[Any]) -> Iterator[tuple[DOMNode, Binding]]:
        """Bindings of the screen and the app, each with the place whose action it calls."""
        for place in (screen, self):
            for known in type(place).mro():
                for binding in vars(known).get("BINDINGS", ()) if known.__module__.startswith(_OWN) else ():
                    if isinstance(binding, Binding):
                        yield place, binding

    def _say(self, text: str, bad: bool) -> None:
        self.front.say(text, bad=bad)

    def _end(self, number: int) -> None:
        self.exit(return_code=128 + number)


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
) -> DejavuApp:
    """Return the app on `view` of `audit`, pictures shown as `mode`; with `pick`, enter chooses.

    `open_view` and `query` answer in threads; None: from the audit.
    """
    desk = Desk(
        audit,
        view,
        open_view=open_view or partial(_open, audit),
        query=query or partial(_query, audit),
        gallery=Gallery(),
        pictures=picture_class(mode),
        listing=listing,
        picking=pick,
    )
    return DejavuApp(desk, start=start)


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
