"""What the user is told above the key line: one thing at a time, gone at the next key or after four seconds."""

from collections import deque

from textual.app import App
from textual.screen import ModalScreen

from dejavu_tui.app.words.names import message

_SECONDS = 4.0
_LINES = 2
_MARGIN = 3
"""Cells beside a line of a notice: its edge and two blanks."""


class Notices:
    """Notices of `home`; what cannot be told yet waits: another is being told, or a dialog lies over the screen."""

    def __init__(self, home: App[tuple[int, ...]]) -> None:
        self._home = home
        self._waiting: deque[tuple[str, bool]] = deque()
        self._telling = ""
        self._turn = 0
        """Of each notice another, so that the time of one that a key took away ends no other."""

    def tell(self, text: str, *, bad: bool) -> None:
        """Tell `text`, which may hold names out of files; `bad`: something went wrong. Nothing is told twice."""
        if text != self._telling and (text, bad) not in self._waiting:
            self._waiting.append((text, bad))
            self.go_on()

    def dismiss(self) -> None:
        """A key was pressed: take away what was told, and tell what waits."""
        if self._telling and not self._covered:
            self._telling = ""
            self._home.clear_notifications()
            self.go_on()

    def go_on(self) -> None:
        """Tell the next notice, if it can be told now."""
        if self._telling or self._covered or not self._waiting:
            return
        self._telling, bad = self._waiting.popleft()
        self._turn += 1
        turn = self._turn
        words = message(self._telling, max(self._home.size.width - _MARGIN, 1), lines=_LINES)
        severity = "error" if bad else "information"
        self._home.notify(words, severity=severity, timeout=_SECONDS, markup=False)  # type: ignore[arg-type]
        self._home.set_timer(_SECONDS, lambda: self._expire(turn))

    def _expire(self, turn: int) -> None:
        if turn == self._turn:
            self._telling = ""
            self._home.clear_notifications()
            self.go_on()

    @property
    def _covered(self) -> bool:
        return isinstance(self._home.screen, ModalScreen)
