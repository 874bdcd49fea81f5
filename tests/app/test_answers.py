from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.app.widgets.answers import CAPTION, arrange


@given(st.integers(1, 250), st.integers(1, 80))
def test_what_is_arranged_fits(width: int, height: int) -> None:
    arranged = arrange(width, height)
    assert arranged.tiles >= 1
    assert arranged.width >= 1
    assert arranged.height >= 1
    if width >= 10 and height >= 6:
        assert arranged.columns * (arranged.width + 1) - 1 <= width
        assert arranged.rows * (arranged.height + CAPTION) <= height
        assert arranged.width <= 2 * arranged.height or arranged.width == 8


def test_more_room_gives_more_and_larger_pictures() -> None:
    small, large = arrange(25, 11), arrange(62, 31)
    assert small.tiles >= 2
    assert large.tiles > small.tiles
    assert large.width > small.width
