"""Which boxes belong to an image, and what is done with those that reach outside."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.images.boxes import Box
from dejavu_tui.images.fitting import fit_boxes
from dejavu_tui.images.listing import MARKED
from dejavu_tui.images.seen import SEEN

WIDTH, HEIGHT = 32, 24


def seen(
    *paths: str, meant: tuple[int | None, int | None] = (None, None), annotation: str | None = None
) -> pl.DataFrame:
    rows = [(path, annotation, b"x" * 32, None, WIDTH, HEIGHT, *meant, None, None, None) for path in paths]
    return pl.DataFrame(rows, SEEN.schema, orient="row")


def marked(*boxes: tuple[str, int, int, int, int]) -> pl.DataFrame:
    return pl.DataFrame(boxes, MARKED.schema, orient="row")


def test_boxes_within_their_image_are_left_as_they_are() -> None:
    boxes = marked(("a", 0, 0, 32, 24), ("a", 3, 4, 5, 6), ("b", 0, 0, 1, 1))
    fitted = fit_boxes(seen("a", "b", "c"), boxes)
    assert fitted.boxes.equals(boxes)
    assert fitted.seen.equals(seen("a", "b", "c"))
    assert fitted.clipped.is_empty()


@given(x0=st.integers(-40, 40), y0=st.integers(-40, 40), width=st.integers(1, 80), height=st.integers(1, 80))
def test_a_box_is_clipped_to_the_pixels_it_covers(x0: int, y0: int, width: int, height: int) -> None:
    box = Box(x0, y0, x0 + width, y0 + height)
    fitted = fit_boxes(seen("a"), marked(("a", box.x0, box.y0, box.x1, box.y1)))
    covered = {(x, y) for x in range(WIDTH) for y in range(HEIGHT) if box.overlaps(Box(x, y, x + 1, y + 1))}
    if not covered:
        assert fitted.boxes.is_empty()
        assert fitted.seen["error"].to_list() == ["AnnotationError"]
        assert "lies outside the image of 32x24 pixels" in fitted.seen["what"][0]
        return
    xs, ys = {x for x, _ in covered}, {y for _, y in covered}
    assert fitted.boxes.row(0) == ("a", min(xs), min(ys), max(xs) + 1, max(ys) + 1)
    assert len(fitted.clipped) == (fitted.boxes.row(0) != ("a", box.x0, box.y0, box.x1, box.y1))
    assert fitted.seen["error"].null_count() == 1


def test_boxes_that_are_alike_once_clipped_are_one() -> None:
    fitted = fit_boxes(seen("a"), marked(("a", 0, 0, 40, 5), ("a", 0, 0, 50, 5)))
    assert fitted.boxes.rows() == [("a", 0, 0, 32, 5)]
    assert fitted.clipped.to_list() == ["a", "a"]


@pytest.mark.parametrize("meant", [(64, 24), (32, 48), (24, 32)])
def test_an_annotation_of_another_size_makes_the_image_bad(meant: tuple[int, int]) -> None:
    table = pl.concat([seen("a", meant=meant, annotation="boxes/a.xml"), seen("b")])
    fitted = fit_boxes(table, marked(("a", 0, 0, 5, 5), ("b", 0, 0, 5, 5)))
    assert fitted.boxes["path"].to_list() == ["b"]
    assert fitted.seen["error"].to_list() == ["AnnotationError", None]
    what = f"was written for an image of {meant[0]}x{meant[1]} pixels, the image is 32x24 pixels"
    assert fitted.seen.row(0)[-2:] == (what, "boxes/a.xml")
    assert fit_boxes(seen("a", meant=(WIDTH, HEIGHT)), marked(("a", 0, 0, 5, 5))).seen["error"].null_count() == 1


def test_what_is_bad_already_stays_so() -> None:
    bad = pl.DataFrame(
        [("a", None, None, None, None, None, None, None, "ImageError", "is an empty file", "d/a")],
        SEEN.schema,
        orient="row",
    )
    fitted = fit_boxes(bad, marked(("a", 0, 0, 5, 5)))
    assert fitted.seen.equals(bad)
    assert fitted.boxes.is_empty()
