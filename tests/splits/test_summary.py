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
        [("a", "same bytes as b"), ("c", "bad image: is empty"), ("d", "same bytes as f"), ("e", "bad image: x")],
        DROPPED.schema,
        orient="row",
    )
    got = summarise(images=images, parts=parts, crops=crops, dropped=dropped, ignored=3)
    assert got.parts == (
        PartRow("A", images=2, attacked=1, class_min=0, class_max=2),
        PartRow("B", images=2, attacked=1, class_min=0, class_max=2),
        PartRow("X", images=3, attacked=0, class_min=1, class_max=2),
    )
    assert got.dropped == (("bad image", 2), ("same bytes as another image", 2))
    assert got.unattacked == (("no boxes", 2),)
    assert got.ignored == 3
