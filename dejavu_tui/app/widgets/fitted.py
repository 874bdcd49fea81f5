"""Words that are written for the width there is, and anew whenever that is another."""

from collections.abc import Callable

from textual.content import Content
from textual.widgets import Static


class Fitted(Static):
    """Writes what a function of the width gives. Where it has no width, it waits until it has one."""

    _words: Callable[[int], Content] | None = None

    def write(self, words: Callable[[int], Content]) -> None:
        """Show `words` of the width in cells, now and after every change of size."""
        self._words = words
        self._fit()

    def on_resize(self) -> None:
        """Write for another width."""
        self._fit()

    def _fit(self) -> None:
        if self._words is not None and self.size.width:
            self.update(self._words(self.size.width), layout=False)
