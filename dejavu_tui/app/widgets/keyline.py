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

_ALWAYS = "help"
"""The action whose key is last, and is there however little room there is: it names all others."""


class KeyLine(Widget):
    """Keys and what they do, as many as fit whole; a click is as good as the key. Before them a few words."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"keyline--key", "keyline--description", "keyline--words"}
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
    KeyLine > .keyline--words { color: $text-warning; text-style: bold; }
    KeyLine > .keyline--description {
        color: $footer-description-foreground;
        background: $footer-description-background;
    }
    """
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._keys: list[tuple[Binding, bool]] = []
        self._words = ""
        self._seen: list[tuple[range, Binding]] = []
        """Columns of the keys that are seen and can be used."""

    def on_mount(self) -> None:
        """Be told when the keys change."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)
        self._changed(self.screen)

    def say(self, words: str) -> None:
        """Write `words` before the keys; empty: none."""
        if words != self._words:
            self._words = words
            self.refresh()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002  there is one
        """Draw the words and the keys that fit whole; the last key has its room before the others."""
        plain = self.visual_style.rich_style
        segments = [Segment(f" {self._words}  ", plain + self.get_component_rich_style("keyline--words"))]
        segments, width = (segments, segments[0].cell_length) if self._words else ([], 0)
        drawn = [(binding, enabled, self._key(binding, enabled)) for binding, enabled in self._keys]
        kept = [Segment.get_line_length(parts) for binding, _, parts in drawn if binding.id == _ALWAYS]
        room = self.size.width + 1 - sum(kept)  # no blank is needed after the last
        full = False
        self._seen = []
        for binding, enabled, parts in drawn:
            cells = Segment.get_line_length(parts)
            full = full or width + cells > room
            if binding.id == _ALWAYS or not full:
                segments += parts
                if enabled:
                    self._seen.append((range(width, width + cells), binding))
                width += cells
        return Strip(segments, width).adjust_cell_length(self.size.width, plain)

    def on_mouse_down(self, event: MouseDown) -> None:
        """Do what the key under the mouse does."""
        for columns, binding in self._seen:
            if event.x in columns:
                self.app.simulate_key(binding.key)

    def _changed(self, screen: Screen[object]) -> None:
        if screen is not self.screen:
            return
        seen: dict[str, tuple[Binding, bool]] = {}
        for _, binding, enabled, _ in screen.active_bindings.values():
            if binding.show:
                seen.setdefault(binding.action, (binding, enabled))
        keys = sorted(seen.values(), key=lambda found: found[0].id == _ALWAYS)
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def _key(self, binding: Binding, enabled: bool) -> list[Segment]:
        plain, dim = self.visual_style.rich_style, Style(dim=not enabled)
        key = plain + self.get_component_rich_style("keyline--key") + dim
        description = plain + self.get_component_rich_style("keyline--description") + dim
        return [
            Segment(self.app.get_key_display(binding), key),
            Segment(f" {binding.description}", description),
            Segment(" ", plain),
        ]
