from collections.abc import Sequence

import polars as pl

from dejavu_tui.plots.chart import Bars
from dejavu_tui.plots.figures.histogram import chart
from tests.plots.frames import histogram

COUNTS: dict[str, dict[str, Sequence[int]]] = {
    "target": {"memorized": (1, 5), "unassociated": (30, 20)},
    "reference": {"memorized": (4, 2), "misrepresented": (0, 7), "unassociated": (20, 23)},
}


def test_images_of_a_and_b_by_kind_in_each_bin() -> None:
    part_a = histogram((-3.9, -1.3, 0.0), COUNTS)
    external = part_a.with_columns(part=pl.lit("E"), images=pl.lit(99, pl.Int64))
    drawn = chart(pl.concat([part_a, part_a.with_columns(part=pl.lit("B")), external]))
    for panel, encoder in zip(drawn.panels, ("target", "reference"), strict=True):
        (bars,) = panel.marks
        assert isinstance(bars, Bars)
        assert bars.edges == (-3.9, -1.3, 0.0)
        twice = {kind: tuple(2 * count for count in counts) for kind, counts in COUNTS[encoder].items()}
        assert {share.name: share.heights for share in bars.shares if any(share.heights)} == twice
        assert panel.y.label == f"images, {encoder} encoder"
        assert panel.y.high >= 62
    assert (drawn.x.low, drawn.x.high) == (-3.9, 0)
    assert drawn.subtitle == "r, epoch 800, projector, k = 50, 112 attacked images"


def test_one_voting_neighbour_makes_one_bar() -> None:
    drawn = chart(histogram((0.0, 0.0), {"target": {"memorized": (3,)}, "reference": {"memorized": (3,)}}))
    (bars,) = drawn.panels[0].marks
    assert isinstance(bars, Bars)
    assert bars.edges[0] < 0 < bars.edges[1]
    assert [tick.text for tick in drawn.x.ticks] == ["0"]
