import polars as pl

from dejavu_tui.splits.summary import PartRow, summarise
from dejavu_tui.tables import CROPS, DROPPED, IMAGES, PARTS


def test_counts_by_hand() -> None:
    images = pl.DataFrame([(n, f"{n}", n % 2, f"c{n % 2}", 8, 8) for n in range(7)], IMAGES.schema, orient="row")
    parts = pl.DataFrame(
        [(0, "A"), (1, "B"), (2, "A"), (3, "B"), (4, "X"), (5, "X"), (6, "X")], PARTS.schema, orient="row"
    )
    crops = pl.DataFrame(
        [(0, 0, 0, 4, 4, None), (1, 0, 0, 4, 4, None), (2, None, None, None, None, "no boxes"),
         (3, None, None, None, None, "no boxes")],
        CROPS.schema,
        orient="row",
    )  # fmt: skip
    dropped = pl.DataFrame(
        [("a", "same bytes as b"), ("c", "bad image: is empty"), ("d", "same bytes as f"), ("e", "bad image: x"),
         ("g", "same picture as h: i, of another class")],
        DROPPED.schema,
        orient="row",
    )  # fmt: skip
    got = summarise(images=images, parts=parts, crops=crops, dropped=dropped, ignored=3)
    assert got.parts == (
        PartRow("A", images=2, attacked=1, class_min=0, class_max=2),
        PartRow("B", images=2, attacked=1, class_min=0, class_max=2),
        PartRow("X", images=3, attacked=0, class_min=1, class_max=2),
    )
    assert got.dropped == (
        ("bad image", 2),
        ("same bytes as another image", 2),
        ("same picture as another image, of another class", 1),
    )
    assert got.unattacked == (("no boxes", 2),)
    assert got.ignored == 3
    assert got.by_class == (("c0", (2, 0, 2)), ("c1", (0, 2, 1)))
    assert got.strangers == 0
    alone = summarise(images=images, parts=parts.head(5), crops=crops, dropped=dropped, ignored=0)
    assert alone.strangers == 1, "X holds image 4 of class 0, and image 1 of class 1 is attacked"


def test_images_without_a_label_are_counted_apart() -> None:
    rows = [(0, "0", 0, "c"), (1, "1", None, None), (2, "2", 0, "c"), (3, "3", 0, "c")]
    images = pl.DataFrame([(*row, 8, 8) for row in rows], IMAGES.schema, orient="row")
    parts = pl.DataFrame([(0, "A"), (1, "A"), (2, "B"), (3, "X")], PARTS.schema, orient="row")
    crops = pl.DataFrame(schema=CROPS.schema)
    got = summarise(images=images, parts=parts, crops=crops, dropped=pl.DataFrame(schema=DROPPED.schema), ignored=0)
    assert got.parts[0] == PartRow("A", images=2, attacked=0, class_min=1, class_max=1, unlabelled=1)
    assert got.by_class == (("c", (1, 1, 1)),)
