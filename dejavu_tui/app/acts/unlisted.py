"""Screens that list no images: a key that works on lists alone says where there is one."""

from textual.events import Key

from dejavu_tui.app.actions import actions_of, keys_of, shown
from dejavu_tui.app.acts.selecting import SelectingScreen
from dejavu_tui.app.tabscreen import TabScreen

_SILENT = ("back",)
"""Actions whose keys have no meaning of their own on a list."""


class UnlistedScreen(TabScreen):
    """A screen of one image, of a picture, or of numbers."""

    def on_key(self, event: Key) -> None:
        """Of a key that does nothing here, but something on a list, tell what and where."""
        if event.key in self.active_bindings:
            return
        keymap = self.app._keymap
        for one in actions_of(SelectingScreen):
            if event.key in keys_of(one, keymap) and one.id not in _SILENT:
                name = one.description.lower()
                self.say(f"No list on this screen: {shown(one, keymap)} ({name}) works on Browse; B leads there.")
