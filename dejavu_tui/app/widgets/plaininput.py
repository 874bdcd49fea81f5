"""An input that shows nothing that could drive the terminal."""

from textual.widgets import Input

from dejavu_tui.text import safe_text


class PlainInput(Input):
    """What is pasted into an Input goes to the terminal as it is; here control characters are written visibly."""

    def validate_value(self, value: str) -> str:
        """Return `value` as `safe_text` writes it."""
        return safe_text(value)
