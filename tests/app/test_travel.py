"""Other runs, layers and snapshots, chosen from lists."""

import shutil
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import OptionList

from dejavu_tui.app.application import make_app
from dejavu_tui.app.desk import Snapshot
from dejavu_tui.records import Progress, Stop
from dejavu_tui.workflows.browse import BrowseView, open_view
from dejavu_tui.workspace import Audit
from tests.app.on_app import run
from tests.app.reading import words
from tests.app.waiting import until
from tests.data.trunks import TRUNKS, import_trunks


def test_run_layer_and_epoch_are_chosen_from_lists(planted: Audit) -> None:
    opened = []

    def opens(at: Snapshot, progress: Progress, stop: Stop) -> BrowseView:
        opened.append(at)
        return open_view(planted, run=at.run, epoch=at.epoch, layer=at.layer, progress=progress, stop=stop)

    view = open_view(planted)
    app = make_app(planted, view, mode="none", open_view=opens)

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        await pilot.press("E")
        await until(pilot, lambda: bool(app.screen.query(OptionList)))
        assert app.screen.query_one(OptionList).highlighted == 1
        await pilot.press("up", "enter")
        await until(pilot, lambda: app.desk.view.epoch == 10)
        await pilot.press("R")
        await until(pilot, lambda: bool(app.screen.query(OptionList)))
        assert "planted" in words(app.screen)
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("Y")
        await until(pilot, lambda: bool(app.screen.query(OptionList)))
        assert app.screen.query_one(OptionList).option_count == len(view.layers)
        await pilot.press("enter")
        await pilot.pause()
        assert [at.epoch for at in opened] == [10], "what is open already is not opened again"

    run(app, act)


def test_another_run_can_be_chosen_beside_one_that_is_damaged_and_is_named(planted: Audit, tmp_path: Path) -> None:
    root = tmp_path / planted.root.name
    shutil.copytree(planted.root, root)
    bad = root / "encoders" / "bad"
    bad.mkdir()
    (bad / "settings.toml").write_text("epochs = many")
    app = make_app(Audit(root), open_view(planted), mode="none")

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        await pilot.press("R")
        await until(pilot, lambda: app.screen is not app.front)
        await pilot.pause()
        assert "bad: settings damaged" in words(app.screen)
        assert "planted" in words(app.screen)
        await pilot.press("escape", "Y")
        await pilot.pause()
        assert "Which layer?" in words(app.screen)

    run(app, act)


def test_a_run_without_a_projector_is_opened_at_its_last_layer(planted: Audit, tmp_path: Path) -> None:
    shutil.copytree(planted.root.parent, tmp_path / "whole")
    audit = Audit(tmp_path / "whole" / planted.root.name)
    import_trunks(audit, run="planted", epoch=10, through=tmp_path)
    app = make_app(audit, open_view(audit, run="planted"), mode="none")

    async def act(pilot: Pilot[tuple[int, ...]]) -> None:
        await pilot.press("R")
        await until(pilot, lambda: bool(app.screen.query(OptionList)))
        await pilot.press("up", "enter")
        await until(pilot, lambda: app.desk.view.run == TRUNKS)
        assert app.desk.view.layer == "backbone"
        await pilot.press("R")
        await until(pilot, lambda: bool(app.screen.query(OptionList)))
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.desk.view.run == "planted")
        assert app.desk.view.layer == "projector"

    run(app, act)
