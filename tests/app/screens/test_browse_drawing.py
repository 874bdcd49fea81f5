"""The pictures that Browse draws: crops, those made ahead or too late, and words in place of what is not there."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from textual.pilot import Pilot

from dejavu_tui.app.application import DejavuApp
from dejavu_tui.app.samples import sample_at
from dejavu_tui.app.widgets.detail import Detail
from dejavu_tui.app.widgets.picture import Mode, Picture
from dejavu_tui.app.widgets.sourceless import Sourceless
from dejavu_tui.workflows.browse import BrowseView
from dejavu_tui.workspace import Audit
from tests.app.fakes import app_on, fake_view
from tests.app.reading import lines, notices, text, words
from tests.app.screens.on_browse import listed, opening, run
from tests.app.waiting import pictures, screen, until


def test_only_the_crop(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pictures(pilot)
        whole = screen(app).query_one("#picture", Picture).shown
        await pilot.press("o")
        await pictures(pilot)
        crop = screen(app).query_one("#picture", Picture).shown
        assert isinstance(whole, Image.Image)
        assert isinstance(crop, Image.Image)
        assert whole.width == whole.height
        assert crop.width > 2 * crop.height
        assert "only the crop" in text(screen(app), "#facts")
        await pilot.press("o")
        await pictures(pilot)
        assert screen(app).query_one("#picture", Picture).shown is whole

    run(app_on(view), act)


def test_the_pictures_around_the_cursor_are_made_ahead(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pictures(pilot)
        detail, gallery = screen(app).query_one(Detail), app.desk.gallery
        ahead = [
            each
            for place in app.desk.places[1:3]
            for each in detail.ahead(sample_at(view, int(place)), source=view.source)
        ]
        assert ahead
        await until(pilot, lambda: all(gallery.at_hand(each) is not None for each in ahead))
        await pilot.press("down")
        await pictures(pilot)
        wanted = screen(app).query_one("#picture", Picture)._wanted
        assert wanted in detail.ahead(sample_at(view, int(app.desk.places[1])), source=view.source)

    run(app_on(view), act)


def test_stale_pictures_are_dropped(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pictures(pilot)
        picture = screen(app).query_one("#picture", Picture)
        shown = picture.shown
        assert picture._wanted is not None
        stale = replace(picture._wanted, path=Path("/elsewhere"))
        picture.post_message(Picture.Made(stale, "stale"))
        await pilot.pause()
        assert picture.shown is shown

    run(app_on(view), act)


def test_broken_and_missing_images_are_placeholders_with_the_reason(tmp_path: Path) -> None:
    view = fake_view(tmp_path, attacked=8, public=8)
    for path in view.images["path"][::2]:
        (tmp_path / path).write_bytes(b"\xff\xd8 no picture")
    for path in view.images["path"][1::2]:
        (tmp_path / path).unlink()

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("a")
        for _ in range(8):
            await pictures(pilot)
            wanted = [picture for picture in screen(app).query(Picture) if picture._wanted]
            assert wanted
            assert all(isinstance(picture.shown, str) and picture.shown for picture in wanted)
            await pilot.press("down")

    run(app_on(view), act)


def test_without_the_folder_of_images_all_else_is_there(view: BrowseView, tmp_path: Path) -> None:
    gone = replace(view, source=tmp_path / "gone", source_missing="no folder of images [/red]; mount it")

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pictures(pilot)
        assert listed(app) == view.samples[opening(view)]["image_id"].to_list()
        for name in ("browse", "wall"):
            await app.action_go(name)
            shown = app.screen_stack[0]
            line = shown.query_one(Sourceless)
            await until(pilot, lambda: bool(line.region.area))  # noqa: B023
            assert str(line.content) == "No pictures: no folder of images [/red]; mount it"

            def said() -> set[object]:
                return {one.shown for one in shown.query(Picture) if one._asked and one.size.area}  # noqa: B023

            await until(pilot, lambda: said() == {"image folder missing"})
        assert not notices(app)

    run(app_on(gone, audit=Audit(tmp_path)), act)


@pytest.mark.parametrize(("mode", "drawn"), [("half", True), ("none", False)])
def test_pictures_can_be_switched_off(view: BrowseView, mode: Mode, drawn: bool) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pictures(pilot)
        sample = screen(app).sample
        assert sample is not None
        assert ("▀" in words(app.screen)) == drawn
        assert (Path(sample.path).name in "".join(lines(app.screen))) != drawn

    run(app_on(view, mode=mode), act)
