"""Overview of an audit that there is: counted bit by bit, grown, opened, and the same as its command prints."""

import asyncio
import io
import shutil
from dataclasses import replace
from pathlib import Path
from threading import Event

import polars as pl
import pytest

from dejavu_tui.app.screens.overview import OverviewScreen
from dejavu_tui.app.widgets.lacks import LackPanel
from dejavu_tui.app.widgets.ledger import Ledger
from dejavu_tui.app.words.runlines import percent
from dejavu_tui.workflows.browse import BrowseView
from dejavu_tui.workflows.overview import Overview
from dejavu_tui.workspace import Audit
from tests.app.fakes import app_on
from tests.app.overviews import fake_overview
from tests.app.reading import notices, words
from tests.app.screens.on_overview import SEEN, Pilots, facts, on_audit, settled
from tests.app.waiting import app_of, until
from tests.data.planted import RUN
from tests.functional.test_contract import dejavu
from tests.workflows.sized import plant_run


def test_the_run_under_the_cursor_is_counted_first_and_each_is_shown_as_it_comes(
    view: BrowseView, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = fake_overview()
    monkeypatch.setattr(f"{SEEN}.holdings", lambda _: replace(seen, scores=seen.scores.clear()))
    monkeypatch.setattr(f"{SEEN}.quote", lambda _: None)
    asked: list[frozenset[str] | None] = []
    go_on = Event()

    def counted(_: Audit, *, counted: frozenset[str] | None = None, **__: object) -> Overview:
        asked.append(counted)
        if counted is None:
            go_on.wait(10)
            return seen
        return replace(seen, scores=seen.scores.filter(pl.col("run").is_in(list(counted))))

    monkeypatch.setattr(f"{SEEN}.overview", counted)

    async def go() -> None:
        async with app_on(view, mode="none", start="overview").run_test(size=(120, 40)) as pilot:
            screen = pilot.app.screen_stack[0]
            assert isinstance(screen, OverviewScreen)
            await until(pilot, lambda: None in asked)
            first = asked[0]
            assert first == frozenset({view.run})
            assert [len(one) for one in asked if one is not None] == [1, 2, 3]
            assert "+22.0%" in words(screen)
            go_on.set()
            await settled(pilot)

    try:
        asyncio.run(go())
    finally:
        go_on.set()


def test_what_grows_is_shown_and_the_cursor_stays(tmp_path: Path, planted: Audit) -> None:
    shutil.copytree(planted.root, tmp_path / "audit")
    (tmp_path / "images").symlink_to(planted.root.parent / "images")
    audit = Audit(tmp_path / "audit")

    async def act(pilot: Pilots, screen: OverviewScreen) -> None:
        await pilot.press("left")
        plant_run(audit, "later", size=8)
        screen.grew()
        screen.grew()
        ledger = screen.query_one("#runs", Ledger)
        await until(pilot, lambda: len(ledger.rows) == 2)
        assert (screen.run, screen.epoch) == (RUN, 10)
        assert screen.facts is not None
        assert screen.facts.name == RUN

    on_audit(audit, act)


def test_enter_opens_a_snapshot_and_asks_again_if_it_is_not_scored(tmp_path: Path, planted: Audit) -> None:
    shutil.copytree(planted.root, tmp_path / "audit")
    audit = Audit(tmp_path / "audit")
    shutil.rmtree(audit.root / "neighbours" / RUN / "A-000010")

    async def act(pilot: Pilots, screen: OverviewScreen) -> None:
        await pilot.press("left", "enter")
        assert pilot.app.screen is screen
        assert "not scored" in notices(pilot.app)[-1]
        await pilot.press("enter")
        await until(pilot, lambda: screen.desk.view.epoch == 10)
        assert app_of(pilot).front.NAME == "browse"
        await pilot.press("O", "right", "enter")
        await until(pilot, lambda: screen.desk.view.epoch == 20)
        await pilot.press("O", "comma")
        await until(pilot, lambda: screen.desk.view.epoch == 10)
        await pilot.pause()
        assert screen.epoch == 10

    on_audit(audit, act)


def test_what_is_told_is_what_the_command_prints(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: OverviewScreen) -> None:
        program, *twin = screen.twin()
        assert program == "dejavu"
        printed = dejavu(*twin, "--format", "csv", cwd=planted.root)
        assert printed.returncode == 0, printed.stderr
        table = pl.read_csv(io.StringIO(printed.stdout)).sort("epoch", descending=True)
        assert table["epoch"].to_list() == [20, 10]
        for row in table.iter_rows(named=True):
            assert f"epoch {row['epoch']}" in facts(screen)
            assert percent(row["dejavu_score"], sign=True) in facts(screen)
            assert percent(row["memorized"]) in facts(screen)
            await pilot.press("left")
        missing = dejavu(*twin, "--missing", "--format", "csv", cwd=planted.root)
        lacks = pl.read_csv(io.StringIO(missing.stdout))
        assert [lack.what for lack in screen.query_one(LackPanel).ledger.rows] == lacks["missing"].to_list()

    on_audit(planted, act)
