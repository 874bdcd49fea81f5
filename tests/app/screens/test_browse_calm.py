"""What Browse does when the cursor has come to rest, however late it learns of that."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from dejavu_tui.app.widgets.table import SampleTable
from tests.app.fakes import app_on, fake_view
from tests.app.waiting import screen


def test_a_late_rest_does_not_lead_back_to_the_image_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine the timer of one step may ring when the cursor has gone on: keys mean what is under it."""
    app = app_on(fake_view(tmp_path))
    late: list[Callable[[], None]] = []

    async def go() -> None:
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.press("a", "less_than_sign")
            browse = screen(app)
            table = browse.query_one(SampleTable)
            with monkeypatch.context() as patched:
                patched.setattr(browse, "set_timer", lambda _seconds, callback: late.append(callback))
                await pilot.press("down")
            table.move_cursor(row=4)
            late[-1]()
            assert app.desk.image_id == app.desk.listed[4]
            assert table.cursor_row == 4

    asyncio.run(go())
