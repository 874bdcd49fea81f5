"""Rectangles of pixels: what annotations mark and crops cut out."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Box:
    """A half-open rectangle [x0, x1) x [y0, y1) in stored pixels, as annotations and crops use it."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        """Columns."""
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        """Rows."""
        return self.y1 - self.y0

    def overlaps(self, other: "Box") -> bool:
        """Tell whether the two share a pixel."""
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1
