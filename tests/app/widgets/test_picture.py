import asyncio

import pytest
from textual.pilot import Pilot

from dejavu_tui.app.dialogs.prompts import Choose
from dejavu_tui.app.widgets.picture import HalfCellPicture, Mode, Picture
from dejavu_tui.app.widgets.pictures import picture_class
from dejavu_tui.workflows.browse import BrowseView
from tests.app.fakes import app_on
from tests.app.waiting import pictures

SIZES = ((200, 60), (120, 40), (40, 12), (80, 24), (59, 20), (2, 1), (40, 12), (1, 1), (200, 60), (61, 13))


def text(pilot: Pilot[tuple[int, ...]]) -> list[str]:
    return [strip.text for strip in pilot.app.screen._compositor.render_strips()]


@pytest.mark.parametrize("mode", ["half", "none", "kitty", "sixel"])
def test_a_storm_of_resizes_ends_as_if_there_had_been_none(view: BrowseView, mode: Mode) -> None:
    if mode == "sixel":
        pytest.importorskip("textual_image", reason="the optional extra `images`")

    async def shown(*sizes: tuple[int, int]) -> list[str]:
        app = app_on(view, mode=mode)
        async with app.run_test(size=sizes[0]) as pilot:
            for number, size in enumerate(sizes):
                await pilot.resize_terminal(*size)
                await pilot.press("down" if number % 2 else "up")
            await pilot.press("less_than_sign")
            await pictures(pilot)
            await pilot.pause(0.2)
            await pictures(pilot)
            return text(pilot)

    assert asyncio.run(shown(*SIZES, (100, 30))) == asyncio.run(shown((100, 30)))


def test_sixels_are_hidden_under_a_dialog_and_come_back(view: BrowseView) -> None:
    pytest.importorskip("textual_image", reason="the optional extra `images`")

    async def go() -> None:
        app = app_on(view, mode="sixel")
        async with app.run_test(size=(100, 30)) as pilot:
            await pictures(pilot)
            base = app.screen
            seen = [pixels for pixels in base.query(".pixels") if pixels.display]
            assert seen
            app.push_screen(Choose("Which?", []))
            await pilot.pause(0.2)
            assert not any(pixels.display for pixels in base.query(".pixels"))
            await pilot.press("escape")
            await pictures(pilot)
            await pilot.pause(0.1)
            assert [pixels for pixels in base.query(".pixels") if pixels.display] == seen

    asyncio.run(go())


@pytest.mark.parametrize(("mode", "widget"), [("half", HalfCellPicture), ("none", Picture)])
def test_each_mode_has_its_widget(mode: Mode, widget: type[Picture]) -> None:
    assert picture_class(mode) is widget
