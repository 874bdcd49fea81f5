"""The screen as it was when it was last looked at and found good."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.app.fakes import app_on, fake_view
from tests.app.waiting import pictures

DARK, LIGHT = "textual-dark", "textual-light"


@pytest.mark.parametrize(
    ("size", "theme"),
    [((80, 24), DARK), ((120, 40), DARK), ((200, 60), DARK), ((80, 24), LIGHT)],
    ids=["80x24", "120x40", "200x60", "light"],
)
def test_browse(snap_compare: Any, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    app = app_on(fake_view(tmp_path, side=8))

    async def settle(pilot: Pilot[tuple[int, ...]]) -> None:
        app.theme = theme
        await pilot.press("down", "space")
        await pictures(pilot)

    assert snap_compare(app, terminal_size=size, run_before=settle)


@pytest.mark.parametrize(
    "keys",
    [("question_mark",), ("c",), ("g", "x", "enter"), ("slash", "x", "q", "enter")],
    ids=["help", "classes", "refused", "empty"],
)
def test_over_the_screen(snap_compare: Any, tmp_path: Path, keys: tuple[str, ...]) -> None:
    app = app_on(fake_view(tmp_path, side=8), mode="none")

    async def settle(pilot: Pilot[tuple[int, ...]]) -> None:
        await pictures(pilot)
        await pilot.press(*keys)
        await pilot.pause()

    assert snap_compare(app, terminal_size=(80, 24), run_before=settle)
