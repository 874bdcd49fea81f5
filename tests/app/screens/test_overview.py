"""What an audit holds, what came out of it, and what is missing."""

import asyncio
from dataclasses import replace

import polars as pl
import pytest

from dejavu_tui.app.screens.overview import PANELS, OverviewScreen
from dejavu_tui.app.widgets.chart import ChartView
from dejavu_tui.app.words.runlines import percent
from dejavu_tui.errors import ArtefactError
from dejavu_tui.plots.terminal import column_of
from dejavu_tui.workflows.browse import BrowseView
from dejavu_tui.workflows.lacking import Lack
from dejavu_tui.workflows.overview import Overview, RunFacts
from dejavu_tui.workspace import Audit
from tests.app.fakes import app_on
from tests.app.overviews import DAMAGED, fake_overview, run, score
from tests.app.reading import notices, words
from tests.app.screens.on_overview import SEEN, Pilots, facts, on_fakes, pretend
from tests.app.waiting import until


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
        assert "no snapshot" in notices(pilot.app)[-1]
        assert pilot.app.screen is screen

    on_fakes(view, act)


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
        assert notices(pilot.app) == []
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert all(screen.query_one(f"#{name}").region.area for name in PANELS)
        former = screen.run
        await pilot.press("k")
        assert screen.run != former

    on_fakes(view, act)
