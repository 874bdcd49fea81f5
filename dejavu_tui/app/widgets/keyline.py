"""The line of keys at the foot of a screen, drawn as one widget.

Textual's Footer makes a widget with styles of its own for each key, three times over before a screen is seen: a
quarter of what its first paint costs.
"""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.events import MouseDown
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget


class KeyLine(Widget):
    """Keys and what they do, as many as fit whole; a click is as good as the key."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"keyline--key", "keyline--description"}
    DEFAULT_CSS = """
    KeyLine {
        dock: bottom;
        height: 1;
        color: $footer-foreground;
        background: $footer-background;
    }
    KeyLine > .keyline--key {
        color: $footer-key-foreground;
        background: $footer-key-background;
        text-style: bold;
    }
    KeyLine > .keyline--description {
        color: $footer-description-foreground;
        background: $footer-description-background;
    }
    """
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._keys: list[tuple[Binding, bool]] = []
        self._ends: list[int] = []
        """Columns at which each key that is seen ends."""

    def on_mount(self) -> None:
        """Be told when the keys change."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)
        self._changed(self.screen)

    def render_line(self, y: int) -> Strip:  # noqa: ARG002  there is one
        """Draw the keys that fit whole."""
        plain = self.visual_style.rich_style
        key_style = plain + self.get_component_rich_style("keyline--key")
        description_style = plain + self.get_component_rich_style("keyline--description")
        width, segments = 0, []
        self._ends = []
        for binding, enabled in self._keys:
            dim = Style(dim=not enabled)
            key = Segment(self.app.get_key_display(binding), key_style + dim)
            description = Segment(f" {binding.description}", description_style + dim)
            end = width + key.cell_length + description.cell_length
            if end > self.size.width:
                break
            segments += [key, description, Segment(" ", plain)]
            width = end + 1
            self._ends.append(end)
        return Strip(segments, width).adjust_cell_length(self.size.width, plain)

    def on_mouse_down(self, event: MouseDown) -> None:
        """Do what the key under the mouse does."""
        for (binding, enabled), end in zip(self._keys, self._ends, strict=False):
            if event.x < end:
                if enabled:
                    self.app.simulate_key(binding.key)
                return

    def _changed(self, screen: Screen[object]) -> None:
        if screen is not self.screen:
            return
        seen: dict[str, tuple[Binding, bool]] = {}
        for _, binding, enabled, _ in screen.active_bindings.values():
            if binding.show:
                seen.setdefault(binding.action, (binding, enabled))
        if list(seen.values()) != self._keys:
            self._keys = list(seen.values())
            self.refresh()
