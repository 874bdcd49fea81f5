"""What an audit holds, what came out of it, and what is missing."""

import asyncio
import io
import os
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import polars as pl
import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from dejavu_tui.app.application import make_app
from dejavu_tui.app.screens.overview import PANELS, OverviewScreen
from dejavu_tui.app.widgets.chart import ChartView
from dejavu_tui.app.widgets.lacks import LackPanel
from dejavu_tui.app.widgets.ledger import Ledger
from dejavu_tui.app.words import runlines
from dejavu_tui.app.words.runlines import percent
from dejavu_tui.errors import ArtefactError
from dejavu_tui.plots.terminal import column_of
from dejavu_tui.workflows.browse import BrowseView, open_view
from dejavu_tui.workflows.lacking import Lack
from dejavu_tui.workflows.overview import Overview, RunFacts
from dejavu_tui.workspace import Audit
from tests.app.fakes import app_on, fake_view
from tests.app.overviews import DAMAGED, fake_overview, run, score
from tests.app.waiting import app_of, until
from tests.data.planted import RUN
from tests.functional.test_contract import dejavu
from tests.workflows.sized import plant_run

Pilots = Pilot[tuple[int, ...]]
Act = Callable[[Pilots, OverviewScreen], Awaitable[None]]
SEEN = "dejavu_tui.app.acts.lookout"


def pretend(monkeypatch: pytest.MonkeyPatch, seen: Overview, *, said: str | None = None) -> None:
    """Let `seen` be what is seen of any audit."""
    monkeypatch.setattr(f"{SEEN}.holdings", lambda _: replace(seen, scores=seen.scores.clear()))
    monkeypatch.setattr(f"{SEEN}.overview", lambda _, **__: seen)
    monkeypatch.setattr(f"{SEEN}.quote", lambda _: said)


def on_fakes(view: BrowseView, act: Act, *, size: tuple[int, int] = (80, 24)) -> None:
    async def go() -> None:
        async with app_on(view, mode="none", start="overview").run_test(size=size) as pilot:
            await act(pilot, await settled(pilot))

    asyncio.run(go())


def on_audit(audit: Audit, act: Act) -> None:
    async def go() -> None:
        async with make_app(audit, open_view(audit), mode="none", start="overview").run_test() as pilot:
            await act(pilot, await settled(pilot))

    asyncio.run(go())


async def settled(pilot: Pilots) -> OverviewScreen:
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, OverviewScreen)
    await until(pilot, lambda: screen.seen is not None and not screen._lookout.counting)
    await pilot.pause()
    return screen


def words(screen: OverviewScreen) -> str:
    return "\n".join(strip.text for strip in screen._compositor.render_strips())


def facts(screen: OverviewScreen) -> str:
    return str(screen.query_one("#facts", Static).content)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Overview:
    found = fake_overview()
    pretend(monkeypatch, found)
    return found


@pytest.mark.usefixtures("seen")
def test_runs_split_and_what_is_missing_are_told(view: BrowseView) -> None:
    async def act(_: Pilots, screen: OverviewScreen) -> None:
        shown = words(screen)
        for told in (
            "training A",
            "130/800",
            "damaged",
            "A 300 (290 attacked)",
            "attacked: A+B 590, E 1,000",
            "10 not: no box",
        ):
            assert told in shown
        rows = {line.split()[1] if line[0] == "▸" else line.split()[0]: line for line in shown.splitlines()[3:7]}
        assert "5/5" in rows["simclr-convnet"]
        assert "+22.0%" in rows["simclr-convnet"]
        assert "2/5" in rows["simclr-convnet-100"]
        assert "+1.0%" in rows["simclr-convnet-100"]
        assert " 100 " in rows["simclr-convnet-100"]
        assert screen.facts is not None
        assert (screen.facts.name, screen.epoch) == (view.run, 800)
        assert "being trained" in shown

    on_fakes(view, act)


def test_of_the_epoch_set_off_scores_shares_and_probe_are_told(view: BrowseView, seen: Overview) -> None:
    async def act(pilot: Pilots, screen: OverviewScreen) -> None:
        for key, epoch in (("left", 400), ("h", 200), ("l", 400), ("right", 800), ("right", 800)):
            await pilot.press(key)
            assert screen.epoch == epoch
            (row,) = seen.scores.filter(run=view.run, epoch=epoch, direction="both", top_percent=20).to_dicts()
            told = facts(screen).splitlines()
            assert f"epoch {epoch}" in told[0]
            assert percent(row["dejavu_score"], sign=True) in told[1]
            assert f"{percent(row['ci_low'])[:-1]} to {percent(row['ci_high'])}" in told[1]
            assert any(percent(row["memorized"]) in line for line in told if line.startswith("memorized"))
            assert any("+50.0% 90.0 − 40.0%" in line for line in told if line.startswith("probe gap"))

    on_fakes(view, act)


@pytest.mark.usefixtures("seen")
def test_up_and_down_show_other_runs_and_keep_the_epoch_where_they_have_it(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: OverviewScreen) -> None:
        await pilot.press("left", "left", "j")
        assert (screen.run, screen.epoch) == ("simclr-convnet-100", 200)
        assert "trained, not scored" in facts(screen)
        await pilot.press("down")
        assert screen.run == "broken"
        assert DAMAGED[:40] in " ".join(facts(screen).split())
        await pilot.press("less_than_sign")
        assert (screen.run, screen.epoch) == ("vicreg-now", 100)
        await pilot.press("greater_than_sign", "k", "up")
        assert screen.run == view.run

    on_fakes(view, act)


@pytest.mark.usefixtures("seen")
def test_tab_leads_to_what_is_missing_and_enter_copies_its_command(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: OverviewScreen) -> None:
        await pilot.press("tab", "enter")
        assert "There is no command for this" in words(screen)
        assert pilot.app.clipboard == ""
        await pilot.press("down", "enter")
        assert pilot.app.clipboard == "dejavu score --run simclr-convnet-100 --epochs-sweep"
        assert "$ dejavu score --run simclr-convnet-100 --epochs-sweep" in words(screen)
        await pilot.press("tab", "up")
        assert screen.run == "vicreg-now"

    on_fakes(view, act)


@pytest.mark.usefixtures("seen")
def test_the_mouse_chooses_epochs_and_runs(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: OverviewScreen) -> None:
        chart = screen.query_one(ChartView)
        assert chart._chart is not None
        column = column_of(chart._chart, 200, width=chart.size.width)
        await pilot.click(ChartView, offset=(column + 1 + 1, 4))
        assert screen.epoch == 200
        await pilot.click("#runs", offset=(5, 1))
        assert screen.run == "vicreg-now"

    on_fakes(view, act)


@pytest.mark.usefixtures("seen")
def test_enter_on_a_run_without_snapshot_says_so(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: OverviewScreen) -> None:
        await pilot.press("greater_than_sign", "enter")
        assert "no snapshot" in str([*app_of(pilot)._notifications][-1].message)
        assert pilot.app.screen is screen

    on_fakes(view, act)


def test_enter_opens_a_snapshot_and_asks_again_if_it_is_not_scored(tmp_path: Path, planted: Audit) -> None:
    shutil.copytree(planted.root, tmp_path / "audit")
    audit = Audit(tmp_path / "audit")
    shutil.rmtree(audit.root / "neighbours" / RUN / "A-000010")

    async def act(pilot: Pilots, screen: OverviewScreen) -> None:
        await pilot.press("left", "enter")
        assert pilot.app.screen is screen
        assert "not scored" in str([*app_of(pilot)._notifications][-1].message)
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


def test_an_audit_without_runs_names_the_first_command(view: BrowseView, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = fake_overview()
    lack = Lack("no run yet", "dejavu train --method simclr")
    pretend(monkeypatch, replace(empty, runs=(), scores=empty.scores.clear(), missing=(lack,)))

    async def act(pilot: Pilots, screen: OverviewScreen) -> None:
        assert "No run yet" in words(screen)
        assert "$ dejavu train --method simclr" in words(screen)
        await pilot.press("left", "down", "enter", "tab", "enter")
        assert pilot.app.clipboard == "dejavu train --method simclr"

    on_fakes(view, act)


def test_one_run_with_one_snapshot_and_nothing_missing(view: BrowseView, monkeypatch: pytest.MonkeyPatch) -> None:
    only = run(view.run, scored=1, reached=50)
    scores = pl.DataFrame([score(view.run, 50, 0.1)], schema=fake_overview().scores.schema)
    seen = replace(fake_overview(), runs=(only,), scores=scores, missing=())
    pretend(monkeypatch, seen, said="calibration: passed, 38 checks")

    async def act(pilot: Pilots, screen: OverviewScreen) -> None:
        assert "Nothing is missing" in words(screen)
        assert "calibration: passed, 38 checks" in words(screen)
        await pilot.press("tab", "left", "right")
        assert screen.epoch == 50

    on_fakes(view, act)


def test_why_nothing_can_be_seen_is_told(view: BrowseView, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(audit: Audit) -> Overview:
        raise ArtefactError("images.parquet is damaged", where=audit.root, fix="split\x1b[31m again")

    monkeypatch.setattr(f"{SEEN}.holdings", damaged)

    async def go() -> None:
        async with app_on(view, mode="none", start="overview").run_test() as pilot:
            screen = pilot.app.screen_stack[0]
            assert isinstance(screen, OverviewScreen)
            await until(pilot, lambda: "images.parquet is damaged" in words(screen))
            assert "\\x1b[31m" in " ".join(words(screen).split())

    asyncio.run(go())


def test_text_out_of_files_is_shown_as_it_is(view: BrowseView, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = "[red]\x1b]0;x\x07\u202e[/red]"
    base = fake_overview()
    runs = (*base.runs[:-1], RunFacts("broken", None, damaged=hostile))
    reasons = pl.DataFrame({"reason": [hostile], "images": [10]})
    pretend(monkeypatch, replace(base, runs=runs, not_attacked=reasons, missing=(Lack(hostile, hostile),)))

    async def act(pilot: Pilots, screen: OverviewScreen) -> None:
        await pilot.press("greater_than_sign")
        shown = words(screen)
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert shown.count("[red]\\x1b]0;x") >= 3

    on_fakes(view, act)


@pytest.mark.usefixtures("seen")
def test_any_size_will_do_and_a_narrow_one_shows_one_panel(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: OverviewScreen) -> None:
        for size in ((200, 60), (120, 40), (80, 24), (59, 20), (40, 12), (2, 1), (59, 20)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await pilot.press("j", "k", "left", "right")
        for panel in PANELS:
            assert [name for name in PANELS if screen.query_one(f"#{name}").region.area] == [panel]
            await pilot.press("enter" if panel == "lacks" else "j", "tab")
            await pilot.pause()
        assert [str(notice.message) for notice in app_of(pilot)._notifications] == []
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert all(screen.query_one(f"#{name}").region.area for name in PANELS)
        former = screen.run
        await pilot.press("k")
        assert screen.run != former

    on_fakes(view, act)


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: "x".join(map(str, size)))
@pytest.mark.usefixtures("seen")
def test_picture(snap_compare: Any, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    app = app_on(fake_view(tmp_path, draw=False), mode="none", start="overview")

    async def settle(pilot: Pilots) -> None:
        app.theme = theme
        await settled(pilot)
        await pilot.press("left")
        await pilot.pause()

    assert os.environ.get("NO_COLOR") is None
    assert snap_compare(app, terminal_size=size, run_before=settle)


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


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_no_number_of_the_split_is_torn(width: int) -> None:
    lines = runlines.split(fake_overview(), None, width=width).plain.splitlines()
    assert [line.startswith("attacked: A+B 590") for line in lines[1:]] in ([], [True])
    assert max(map(len, lines)) <= width
    assert len(lines) == (1 if width > 100 else 2)
