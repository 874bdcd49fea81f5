"""The application: one screen so far, its pictures, and how it ends."""

import asyncio
import signal
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.screen import Screen

from dejavu_tui.app.errands import AskIndex, OpenEpoch
from dejavu_tui.app.gallery import Gallery
from dejavu_tui.app.screens.browse import BrowseScreen
from dejavu_tui.app.screens.help import Help
from dejavu_tui.app.widgets.picture import Mode
from dejavu_tui.workflows.browse import BrowseView

_OWN = "dejavu_tui."
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class BrowseApp(App[tuple[int, ...]]):
    """Shows a view; returns the ids of the marked images."""

    CSS_PATH = "app.tcss"
    TITLE = "dejavu"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "leave", "Quit", tooltip="Leave"),
        Binding("ctrl+q", "leave", "Quit", show=False, priority=True, tooltip="Leave"),
        Binding("ctrl+c", "interrupt", "Interrupt", show=False, priority=True, tooltip="Leave with exit code 130"),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False, tooltip="Back to the shell; fg returns"),
    ]

    def __init__(
        self,
        view: BrowseView,
        *,
        mode: Mode,
        pick: bool,
        open_epoch: OpenEpoch | None,
        ask_index: AskIndex | None,
    ) -> None:
        super().__init__()
        self.pick = pick
        self.gallery = Gallery()
        self._browse = BrowseScreen(
            view, gallery=self.gallery, mode=mode, open_epoch=open_epoch, ask_index=ask_index
        )

    def get_default_screen(self) -> Screen[None]:
        """Start with the images."""
        return self._browse

    def on_mount(self) -> None:
        """Let signals end the app in order, so that the terminal is restored."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._end, number)

    def on_unmount(self) -> None:
        """Leave no thread at work."""
        self.gallery.close()

    def action_leave(self) -> None:
        """Leave with the marked images."""
        self.exit(tuple(self._browse.marked))

    def action_interrupt(self) -> None:
        """Leave as SIGINT does."""
        self._end(signal.SIGINT)

    def on_data_table_row_selected(self) -> None:
        """Enter, when images are picked: take the marked ones, or the one under the cursor."""
        if not self.pick:
            return
        if not self._browse.marked and self._browse.sample is not None:
            self._browse.action_mark()
        self.action_leave()

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

    def _end(self, number: int) -> None:
        self.exit(return_code=128 + number)


def make_app(
    view: BrowseView,
    *,
    mode: Mode = "half",
    pick: bool = False,
    open_epoch: OpenEpoch | None = None,
    ask_index: AskIndex | None = None,
) -> BrowseApp:
    """Return the app on `view`.

    `open_epoch` gives another snapshot, `ask_index` the neighbours of a whole image; both are called in threads.
    With `pick`, enter chooses.
    """
    return BrowseApp(view, mode=mode, pick=pick, open_epoch=open_epoch, ask_index=ask_index)
