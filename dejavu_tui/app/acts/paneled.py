"""Screens of several panels, of which a narrow window shows one at a time."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from dejavu_tui.app.desk import Desk
from dejavu_tui.app.tabscreen import TabScreen


class PanelScreen(TabScreen):
    """A screen with the panels of the ids PANELS; the class `-away` takes out those that there is no room for."""

    PANELS: ClassVar[tuple[str, ...]]
    """Ids of the panels, that which is seen first at the front."""
    DEFAULT_CSS = "PanelScreen .-away { display: none; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "panel", "Panel", priority=True, id="next_panel",
                tooltip="The next panel, in a window below 60 columns"),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._panel = 0

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Panels are changed only where one alone has room."""
        if action == "panel":
            return self.has_class("-narrow")
        return super().check_action(action, parameters)

    def action_panel(self) -> None:
        """Show the next panel."""
        self._panel = (self._panel + 1) % len(self.PANELS)
        self.lay_out()

    def resized(self) -> None:
        """Show one panel or all."""
        self.lay_out()
        super().resized()

    def lay_out(self) -> None:
        """Take out the panels that are not seen, and what holds nothing but such."""
        narrow = self.has_class("-narrow")
        for place, name in enumerate(self.PANELS):
            panel = self.query_one(f"#{name}")
            panel.set_class(narrow and place != self._panel, "-away")
        for holder in {self.query_one(f"#{name}").parent for name in self.PANELS} - {self}:
            seen = [child for child in holder.children if not child.has_class("-away")] if holder else []
            if holder is not None:
                holder.set_class(not seen, "-away")
