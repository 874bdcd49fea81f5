"""How pictures with words below them stand beside and below each other."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Arrangement:
    """How many pictures fit beside and below each other; width and height of each, without its words, in cells."""

    columns: int
    rows: int
    width: int
    height: int

    @property
    def tiles(self) -> int:
        """How many images are seen at once."""
        return self.columns * self.rows
