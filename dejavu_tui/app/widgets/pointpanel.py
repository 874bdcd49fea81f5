"""What one encoder answers at a point: its neighbours, those marked that it did not have at the point before."""

from pathlib import Path

from textual.content import Content

from dejavu_tui.app.samples import Answer
from dejavu_tui.app.widgets.answers import AnswerPanel, Tile

NEW = "*"


class PointPanel(AnswerPanel):
    """The answer of one encoder at one point of a course."""

    _new: frozenset[int] = frozenset()

    def compare(self, answer: Answer, *, source: Path, first: int, other: Answer, new: frozenset[int]) -> None:
        """Show `answer` as `show` does; of neighbours with the ids `new` a star tells."""
        self._new = new
        self.show(answer, source=source, first=first, other=other)

    def _fill(self) -> None:
        super()._fill()
        if self._now is None:
            return
        answer, _, first = self._now
        width = self.arrangement.width
        for tile, neighbour in zip(self._tiles.query(Tile), answer.neighbours[first:], strict=False):
            caption = tile.caption.content
            if neighbour.image_id in self._new and isinstance(caption, Content) and tile.display:
                name, *below = caption.split("\n")
                marked = name.truncate(max(width - 2, 1), ellipsis=True) + Content.styled(
                    f" {NEW}", "bold $text-warning"
                )
                tile.caption.update(Content("\n").join([marked, *below]), layout=False)
