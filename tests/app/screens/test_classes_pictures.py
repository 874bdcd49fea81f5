"""Classes as it was when it was last looked at and found good."""

from pathlib import Path
from typing import Any

import pytest

from dejavu_tui.app.widgets.ledger import Ledger
from tests.app.fakes import app_on, fake_view
from tests.app.screens.on_classes import Pilots
from tests.app.waiting import until


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: "x".join(map(str, size)))
def test_classes(snap_compare: Any, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    app = app_on(fake_view(tmp_path, draw=False, attacked=95), mode="none", start="classes")

    async def settle(pilot: Pilots) -> None:
        app.theme = theme
        await until(pilot, lambda: bool(app.screen.query_one(Ledger).rows))
        await pilot.press("down")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=settle)
