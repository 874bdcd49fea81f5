"""Background crops: the largest empty rectangle, the authors' stripes, and a corner (METHOD section 4)."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from dejavu_tui.config import AuditSettings, Corner, CropRule, MinSide
from dejavu_tui.images.boxes import Box

LEAST: dict[CropRule, MinSide] = {"largest": "20%", "stripes": 100, "corner": 1, "given": 1}
"""Least shorter side of a crop, where none is asked for."""


def find_crop(
    settings: AuditSettings, boxes: Sequence[Box], *, width: int, height: int, given: Box | None = None
) -> Box | str:
    """Return the background crop that `settings` ask for, or the reason why the image has none; `given` is the one
    that the layout gives.

    The shorter side of a crop must be at least `min_side`, in pixels or as a share of the image's shorter side;
    under `stripes` it must be more.
    """
    if settings.crop in ("largest", "stripes") and not boxes:
        return "no boxes"
    if settings.crop == "given":
        if given is None:
            return "no crop is given"
        if any(given.overlaps(box) for box in boxes):
            return "the given crop shows a part of a box"
        crop: Box | None = given
    elif settings.crop == "corner":
        crop = corner_crop(width=width, height=height, corner=settings.corner, fraction=settings.fraction)
    else:
        rule = stripes_crop if settings.crop == "stripes" else largest_crop
        crop = rule(boxes, width=width, height=height)
    return crop if crop is not None and _is_enough(crop, settings, of=min(width, height)) else "crop too small"


def _is_enough(crop: Box, settings: AuditSettings, *, of: int) -> bool:
    least = settings.min_side or LEAST[settings.crop]
    side = 100 * _shorter(crop)  # in hundredths of a pixel, so that no rounding decides
    needed = int(least.removesuffix("%")) * of if isinstance(least, str) else 100 * least
    return side > needed if settings.crop == "stripes" else side >= needed


def largest_crop(boxes: Sequence[Box], *, width: int, height: int) -> Box | None:
    """Return the best rectangle of the image that shares no pixel with a box: the "largest possible crop".

    Best is the true maximum over all empty rectangles, of the shorter side, then of the area, then the smallest
    (y0, x0), then (y1, x1). None if the boxes cover all of the image.
    """
    return min(_empty_rectangles(boxes, width=width, height=height), key=_rank, default=None)


def stripes_crop(boxes: Sequence[Box], *, width: int, height: int) -> Box | None:
    """Return the authors' crop: the best empty rectangle within a vertical stripe between neighbouring box edges.

    The stripes are cut at every left and right edge of a box; in a stripe the candidates are the free spans
    above, between and below the boxes that cross it. Best as in `largest_crop`. Boxes may not reach past the right
    edge: such images are dropped before (`catalogue.scan`).
    """
    edges = sorted({0, width, *(box.x0 for box in boxes), *(box.x1 for box in boxes)})
    candidates = (
        Box(x0, y0, x1, y1)
        for x0, x1 in pairwise(edges)
        for y0, y1 in _free_spans([box for box in boxes if box.x0 < x1 and x0 < box.x1], height=height)
    )
    return min(candidates, key=_rank, default=None)


def corner_crop(*, width: int, height: int, corner: Corner, fraction: float) -> Box:
    """Return the rectangle at `corner` with `fraction` of each side, rounded, at least one pixel."""
    across, down = max(1, round(width * fraction)), max(1, round(height * fraction))
    x0 = 0 if corner.endswith("left") else width - across
    y0 = 0 if corner.startswith("upper") else height - down
    return Box(x0, y0, x0 + across, y0 + down)


def _shorter(box: Box) -> int:
    return min(box.width, box.height)


def _rank(box: Box) -> tuple[int, int, int, int, int, int]:
    return -_shorter(box), -box.width * box.height, box.y0, box.x0, box.y1, box.x1


def _empty_rectangles(boxes: Sequence[Box], *, width: int, height: int) -> Iterator[Box]:
    """Yield empty rectangles, among them the best one.

    The best rectangle cannot grow, so its top lies on the image's edge or on the lower edge of a box. From each
    such top a front moves down: the disjoint spans of columns that no box has met yet. A span ends, and with it
    a rectangle, where it meets a box, and goes on beside that box. Spans narrower than the shorter side found so
    far cannot win and are left out.
    """
    found = 0
    for top in sorted({0, *(box.y1 for box in boxes if box.y1 < height)}):
        spans = [(0, width)]
        for box in sorted((box for box in boxes if box.y1 > top), key=lambda box: box.y0):
            following: list[tuple[int, int]] = []
            for x0, x1 in spans:
                if box.x1 <= x0 or x1 <= box.x0:
                    following.append((x0, x1))
                    continue
                if box.y0 > top:
                    found = max(found, min(x1 - x0, box.y0 - top))
                    yield Box(x0, top, x1, box.y0)
                beside = ((x0, min(x1, box.x0)), (max(x0, box.x1), x1))
                following += [(left, right) for left, right in beside if right - left >= max(found, 1)]
            spans = following
        for x0, x1 in spans:
            found = max(found, min(x1 - x0, height - top))
            yield Box(x0, top, x1, height)


def _free_spans(boxes: Sequence[Box], *, height: int) -> Iterator[tuple[int, int]]:
    """Yield the spans [y0, y1) of rows that no box covers."""
    free = 0
    for box in sorted(boxes, key=lambda box: box.y0):
        if box.y0 > free:
            yield free, box.y0
        free = max(free, box.y1)
    if free < height:
        yield free, height
