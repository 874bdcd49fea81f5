"""How many tiles a window has room for, and how large they are."""

import pytest

from dejavu_tui.app.widgets.tiles import CAPTION, LEAST, arrange, suiting


@pytest.mark.parametrize("tile", [8, 18, 30, 60, 400])
@pytest.mark.parametrize("size", [(1, 1), (38, 9), (78, 19), (118, 35), (198, 55), (300, 6), (20, 90)])
def test_tiles_fit(size: tuple[int, int], tile: int) -> None:
    arranged = arrange(*size, tile=tile)
    assert arranged.columns * (arranged.width + 1) - 1 <= size[0]
    assert arranged.rows * (arranged.height + CAPTION) <= max(size[1], 1 + CAPTION)
    assert arranged.width >= 2 * arranged.height - 1


@pytest.mark.parametrize(("size", "least"), [((38, 8), 3), ((57, 14), 8), ((78, 19), 8), ((118, 35), 15)])
def test_small_windows_have_smaller_tiles(size: tuple[int, int], least: int) -> None:
    arranged = arrange(*size, tile=suiting(size[1]))
    assert arranged.tiles >= least
    assert arranged.height >= LEAST
