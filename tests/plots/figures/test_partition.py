from dejavu_tui.plots.chart import Areas, Bars, Share
from dejavu_tui.plots.figures.partition import chart
from tests.plots.frames import scores


def test_the_four_kinds_over_epochs() -> None:
    drawn = chart(
        scores(
            {"epoch": 800, "memorized": 0.5, "correlated": 0.2, "misrepresented": 0.1, "unassociated": 0.2},
            {"epoch": 50, "memorized": 0.1, "correlated": 0.3, "misrepresented": 0.2, "unassociated": 0.4},
            {"epoch": 50, "direction": "E", "memorized": 0.9},
        )
    )
    (panel,) = drawn.panels
    (areas,) = panel.marks
    assert areas == Areas(
        (50, 800),
        (
            Share("memorized", "memorized", (0.1, 0.5)),
            Share("correlated", "correlated", (0.3, 0.2)),
            Share("misrepresented", "misrepresented", (0.2, 0.1)),
            Share("unassociated", "unassociated", (0.4, 0.2)),
        ),
    )
    assert (panel.y.low, panel.y.high) == (0, 1)
    assert (drawn.x.low, drawn.x.high) == (50, 800)
    assert "top" not in drawn.subtitle  # the kinds do not depend on p


def test_one_epoch_is_one_bar() -> None:
    (panel,) = chart(scores({"epoch": 1000})).panels
    (bars,) = panel.marks
    assert isinstance(bars, Bars)
    assert [share.heights for share in bars.shares] == [(0.4,), (0.1,), (0.1,), (0.4,)]


def test_an_epoch_without_kinds_is_left_out_and_told() -> None:
    nothing = dict.fromkeys(("memorized", "correlated", "misrepresented", "unassociated"))
    drawn = chart(scores({"epoch": 1}, {"epoch": 2, "note": "why"} | nothing, {"epoch": 3}))
    (areas,) = drawn.panels[0].marks
    assert isinstance(areas, Areas)
    assert areas.x == (1, 3)
    assert drawn.notes == ("not drawn: memorized for epoch 2: why",)
