"""An audit on Query, and what its index answers."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import polars as pl
from textual.pilot import Pilot

from dejavu_tui.app.application import make_app
from dejavu_tui.app.desk import Query
from dejavu_tui.app.screens.query import QueryScreen
from dejavu_tui.app.widgets.picture import Mode
from dejavu_tui.errors import StoppedError
from dejavu_tui.images.boxes import Box
from dejavu_tui.records import Progress, Stop
from dejavu_tui.workflows.browse import BrowseView, open_view
from dejavu_tui.workspace import Audit
from tests.app.reading import text
from tests.app.waiting import until

Pilots = Pilot[tuple[int, ...]]
Act = Callable[[Pilots, QueryScreen], Awaitable[None]]


def on_query(
    audit: Audit, act: Act, *, size: tuple[int, int] = (80, 24), epoch: int = 20, ask: Query | None = None,
    mode: Mode = "none",
) -> None:  # fmt: skip
    async def go() -> None:
        app = make_app(audit, open_view(audit, epoch=epoch), mode=mode, start="query", query=ask)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            screen = app.screen_stack[0]
            assert isinstance(screen, QueryScreen)
            if screen.desk.image_id is None:
                assert "type or paste" in text(screen, "#asked")
                screen.open("3")
            await until(pilot, lambda: screen.asked is not None)
            await act(pilot, screen)

    asyncio.run(go())


async def answered(pilot: Pilots, screen: QueryScreen) -> None:
    """Wait for the answer to what is asked now."""
    await until(pilot, lambda: screen.questions.about(screen.asked, screen.frame) and screen.answers is not None)
    await asyncio.sleep(0.1)
    await pilot.pause()


def ids(screen: QueryScreen) -> list[list[int]]:
    return [[near.image_id for near in answer.neighbours] for answer in screen.answers or ()]


def fixed(audit: Audit, wait: float = 0.0) -> tuple[Query, list[Box | None]]:
    """A query that always finds the first images of X, and the crops that it was asked about."""
    asked: list[Box | None] = []

    def ask(view: BrowseView, _: Path, crop: Box | None, __: Progress, stop: Stop) -> pl.DataFrame:
        asked.append(crop)
        time.sleep(wait)
        if stop():
            raise StoppedError
        near = audit.members("X").head(view.k).select("image_id", "path", "label_name")
        near = near.with_row_index("rank", offset=1).with_columns(distance=pl.col("rank") / 10)
        return pl.concat([near.with_columns(encoder=pl.lit(trainer)) for trainer in ("A", "B")])

    return ask, asked
