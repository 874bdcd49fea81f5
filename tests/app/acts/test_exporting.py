"""What is written to files at the keyboard."""

import shutil
from pathlib import Path

import polars as pl
import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from dejavu_tui.app.screens.browse import BrowseScreen
from dejavu_tui.workflows.browse import open_view
from dejavu_tui.workspace import Audit, find_audit
from tests.app.acts.dialogs import asked, run, selected, type_in
from tests.app.fakes import app_on
from tests.app.waiting import until


def test_exports_of_a_selection_are_written_and_nothing_is_replaced_unasked(
    planted: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(planted.root.parent, tmp_path / "copy", symlinks=True)
    audit = find_audit(tmp_path / "copy" / planted.root.name)
    view = open_view(audit)
    monkeypatch.chdir(tmp_path)

    async def act(pilot: Pilot[tuple[int, ...]], shown: BrowseScreen) -> None:
        async def export(place: int, name: str) -> None:
            await pilot.press("x")
            await asked(pilot, "as what?")
            await pilot.press(*["down"] * place, "enter")
            await asked(pilot, "To which file?")
            await type_in(pilot, name)

        async def export_of(which: int, place: int, name: str) -> None:
            await pilot.press("x")
            await asked(pilot, "Nothing is selected.")
            await pilot.press(*["down"] * which, "enter")
            await asked(pilot, "as what?")
            await pilot.press(*["down"] * place, "enter")
            await asked(pilot, "To which file?")
            assert str(tmp_path.resolve())[-12:] in str(pilot.app.screen.query_one(".meaning", Static).content)
            await type_in(pilot, name)

        await pilot.press("a", "v", "down", "down", "v")
        chosen = selected(shown)
        await export(1, "no/such/place.txt")
        assert "no folder" in str(pilot.app.screen.query_one(".complaint", Static).content)
        await type_in(pilot, "ids.txt")
        await until(pilot, lambda: (tmp_path / "ids.txt").exists())
        assert [int(line) for line in (tmp_path / "ids.txt").read_text().split()] == chosen
        await export(0, "rows.csv")
        await until(pilot, lambda: (tmp_path / "rows.csv").exists())
        assert pl.read_csv(tmp_path / "rows.csv")["image_id"].to_list() == chosen
        await pilot.press("u")
        here = shown.desk.image_id
        await export_of(0, 1, "ids.txt")
        await asked(pilot, "is there already")
        await pilot.press("enter")
        assert len((tmp_path / "ids.txt").read_text().split()) == 3, "kept"
        await export_of(0, 1, "ids.txt")
        await asked(pilot, "is there already")
        await pilot.press("down", "enter")
        await until(pilot, lambda: (tmp_path / "ids.txt").read_text() == f"{here}\n")
        await export_of(1, 1, "all.txt")
        await until(pilot, lambda: (tmp_path / "all.txt").exists())
        assert [int(line) for line in (tmp_path / "all.txt").read_text().split()] == shown.desk.listed.tolist()
        await until(pilot, lambda: not shown.desk.busy)

    run(app_on(view, audit=audit), act)
