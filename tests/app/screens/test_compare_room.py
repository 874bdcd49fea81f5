"""Compare in windows of any size: its panels, and the room that strip and pictures have."""

from textual.content import Content

from dejavu_tui.app.screens.compare import CompareScreen
from dejavu_tui.app.widgets.strip import PointStrip
from dejavu_tui.workspace import Audit
from tests.app.screens.on_compare import Pilots, compare, strip
from tests.app.waiting import until


def test_plus_and_underscore_give_pictures_or_strip_more_room(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        def heights() -> tuple[int, int]:
            return screen.query_one(PointStrip).region.height, screen.query_one("#answers").region.height

        half = heights()
        await pilot.press("plus", "plus")
        await until(pilot, lambda: heights()[1] > half[1])
        assert len(strip(screen)) == heights()[0]
        await pilot.press("underscore", "underscore", "underscore")
        await until(pilot, lambda: heights()[1] == 0)
        assert heights()[0] > half[0]
        await until(pilot, lambda: len(strip(screen)) > half[0])
        await pilot.press("plus")
        await until(pilot, lambda: heights() == half)

    compare(planted, act)


def test_any_size_will_do(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        for size in ((200, 60), (120, 40), (80, 24), (59, 20), (40, 12), (2, 1), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            points = screen.query_one(PointStrip)
            wide = max(Content(line).cell_length for line in strip(screen))
            assert wide <= points.size.width <= size[0] or not points.region.area
        assert all(screen.query_one(f"#{name}").display for name in screen.PANELS)

    compare(planted, act, mode="half")


def test_one_panel_at_a_time_where_it_is_narrow(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        for name in (*screen.PANELS, screen.PANELS[0]):
            shown = [one for one in screen.PANELS if screen.query_one(f"#{one}").region.area]
            assert shown == [name]
            await pilot.press("tab")
            await pilot.pause()
            await pilot.pause()

    compare(planted, act, size=(50, 16))
