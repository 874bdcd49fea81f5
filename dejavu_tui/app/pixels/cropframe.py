"""The crop that is asked about, moved and resized over a picture in steps."""

from dataclasses import dataclass, replace

from dejavu_tui.images.boxes import Box

_STEPS = 16
"""Steps from one edge of a picture to the other."""


@dataclass(frozen=True)
class CropFrame:
    """A half-open rectangle inside a picture of `width` x `height` stored pixels, never empty."""

    width: int
    height: int
    box: Box

    @property
    def whole(self) -> bool:
        """Whether it is all of the picture."""
        return self.box == Box(0, 0, self.width, self.height)

    @property
    def named(self) -> Box | None:
        """The crop as it is asked about; None: the whole picture."""
        return None if self.whole else self.box

    def put(self, box: Box) -> "CropFrame":
        """Return the frame at `box`, what reaches outside the picture cut off."""
        x0, y0 = min(max(box.x0, 0), self.width - 1), min(max(box.y0, 0), self.height - 1)
        x1, y1 = max(min(box.x1, self.width), x0 + 1), max(min(box.y1, self.height), y0 + 1)
        return replace(self, box=Box(x0, y0, x1, y1))

    def moved(self, across: int, down: int) -> "CropFrame":
        """Return it so many steps farther, as far as there is room. The whole picture becomes its half there."""
        if self.whole:
            return self._half(across, down)
        by_x = min(max(across * _step(self.width), -self.box.x0), self.width - self.box.x1)
        by_y = min(max(down * _step(self.height), -self.box.y0), self.height - self.box.y1)
        box = self.box
        return replace(self, box=Box(box.x0 + by_x, box.y0 + by_y, box.x1 + by_x, box.y1 + by_y))

    def resized(self, across: int, down: int) -> "CropFrame":
        """Return it wider and higher by so many steps: to the right and down where there is room, else back."""
        x0, x1 = _stretched(self.box.x0, self.box.x1, by=across, size=self.width)
        y0, y1 = _stretched(self.box.y0, self.box.y1, by=down, size=self.height)
        return replace(self, box=Box(x0, y0, x1, y1))

    def _half(self, across: int, down: int) -> "CropFrame":
        half_x, half_y = max(self.width // 2, 1), max(self.height // 2, 1)
        return self.put(
            Box(
                half_x if across > 0 else 0,
                half_y if down > 0 else 0,
                half_x if across < 0 else self.width,
                half_y if down < 0 else self.height,
            )
        )


def whole(width: int, height: int) -> CropFrame:
    """Return the frame around all of a picture."""
    return CropFrame(width, height, Box(0, 0, width, height))


def corners(width: int, height: int) -> tuple[tuple[str, Box], ...]:
    """Return the quarters of a picture, and its middle, with their names."""
    x, y = max(width // 2, 1), max(height // 2, 1)
    return (
        ("upper left", Box(0, 0, x, y)),
        ("upper right", Box(width - x, 0, width, y)),
        ("lower left", Box(0, height - y, x, height)),
        ("lower right", Box(width - x, height - y, width, height)),
        ("middle", Box(width // 4, height // 4, width // 4 + x, height // 4 + y)),
    )


def _step(size: int) -> int:
    return max(size // _STEPS, 1)


def _stretched(low: int, high: int, *, by: int, size: int) -> tuple[int, int]:
    """Return an interval inside 0..size that is `by` steps longer; it keeps a step at least."""
    step = _step(size)
    length = min(max(high - low + by * step, step), size)
    low = min(low, size - length)
    return low, low + length
