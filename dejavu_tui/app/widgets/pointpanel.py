"""What one encoder answers at a point: its neighbours, those marked that it did not have at the point before."""

from pathlib import Path

from textual.content import Content

from dejavu_tui.app.samples import Answer, Neighbour
from dejavu_tui.app.widgets.answers import AnswerPanel

NEW = "*"


class PointPanel(AnswerPanel):
    """The answer of one encoder at one point of a course."""

    _new: frozenset[int] = frozenset()

    def compare(self, answer: Answer, *, source: Path, first: int, other: Answer, new: frozenset[int]) -> None:
        """Show `answer` as `show` does; of neighbours with the ids `new` a star tells."""
        self._new = new
        self.show(answer, source=source, first=first, other=other)

    def caption(self, neighbour: Neighbour, width: int, *, both: bool) -> Content:
        """As of any answer; of a new neighbour with a star."""
        words = super().caption(neighbour, width, both=both)
        if neighbour.image_id not in self._new:
            return words
        name, *below = words.split("\n")
        star = Content.styled(f" {NEW}", "bold $text-warning")
        return Content("\n").join([name.truncate(max(width - 2, 1), ellipsis=True) + star, *below])
