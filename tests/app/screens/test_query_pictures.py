"""The query screen as it was when it was last looked at and found good."""

import asyncio
from typing import Any

import pytest
from textual.pilot import Pilot

from dejavu_tui.app.application import make_app
from dejavu_tui.app.screens.query import QueryScreen
from dejavu_tui.app.widgets.picture import Picture
from dejavu_tui.workflows.browse import open_view
from dejavu_tui.workflows.query import query
from dejavu_tui.workspace import Audit
from tests.app.waiting import until
from tests.data.planted import planted_audit


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    made = planted_audit(tmp_path_factory.mktemp("indexed"), images=14, attacked=3, memory={20: 1.0})
    open_view(made)
    query(made, made.source / made.images["path"][0])
    return made


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=["80x24", "120x40", "200x60"])
def test_query(snap_compare: Any, audit: Audit, size: tuple[int, int], theme: str) -> None:
    app = make_app(audit, open_view(audit), start="query")

    async def settle(pilot: Pilot[tuple[int, ...]]) -> None:
        app.theme = theme
        screen = app.screen_stack[0]
        assert isinstance(screen, QueryScreen)
        await until(pilot, lambda: screen.asked is not None)
        await pilot.press("p", "enter")
        await until(pilot, lambda: screen.questions.about(screen.asked, screen.frame))
        await until(pilot, lambda: screen.answers is not None)
        await asyncio.sleep(0.2)
        await until(pilot, lambda: not any(picture.waiting for picture in screen.query(Picture)))
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=settle)
