"""The crop of Query: moved, drawn, preset, and asked about when it rests."""

from dejavu_tui.app.screens.query import QueryScreen
from dejavu_tui.app.widgets.framed import FramedPicture
from dejavu_tui.app.widgets.nearest import NearestPanel
from dejavu_tui.images.boxes import Box
from dejavu_tui.workspace import Audit
from tests.app.reading import text
from tests.app.screens.on_query import Pilots, answered, fixed, on_query


def test_keys_move_resize_and_preset_the_crop_and_the_index_is_asked_when_it_rests(indexed: Audit) -> None:
    ask, crops = fixed(indexed)

    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        assert screen.asked is not None
        await answered(pilot, screen)
        steps = [
            (("left",), Box(0, 0, 20, 40)),
            (("right", "l"), Box(4, 0, 24, 40)),
            (("h",), Box(2, 0, 22, 40)),
            (("shift+left", "left_parenthesis"), Box(2, 0, 18, 40)),
            (("shift+up", "left_curly_bracket"), Box(2, 0, 18, 36)),
            (("down", "j"), Box(2, 4, 18, 40)),
            (("up", "k"), Box(2, 0, 18, 36)),
            (("shift+right", "right_parenthesis", "shift+down", "right_curly_bracket"), Box(2, 0, 22, 40)),
        ]
        for keys, box in steps:
            await pilot.press(*keys)
            assert screen.frame is not None
            assert screen.frame.box == box
        await answered(pilot, screen)
        assert crops[-1] == Box(2, 0, 22, 40)
        assert len(crops) < 8
        assert "crop 2,0,22,40" in text(screen, "#asked")
        for name, box in (*screen.asked.crops[1:], screen.asked.crops[0]):
            await pilot.press("p")
            assert screen.frame is not None
            assert screen.frame.box == box
            assert name in text(screen, "#framed .legend") or name == "whole"
        for key in ("w", "escape"):
            await pilot.press("left", key, "enter")
            await answered(pilot, screen)
            assert crops[-1] is None

    on_query(indexed, act, ask=ask)


def test_the_mouse_draws_the_crop(indexed: Audit) -> None:
    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        framed = screen.query_one(FramedPicture)
        await pilot.mouse_down(FramedPicture, offset=(0, 0))
        await pilot.hover(FramedPicture, offset=(3, 2))
        await pilot.mouse_up(FramedPicture, offset=(3, 2))
        await pilot.pause()
        assert screen.frame is not None
        drawn = screen.frame.box
        width, height = framed._picture.into()
        assert drawn.x0 == drawn.y0 == 0
        assert drawn.x1 == drawn.width > 1
        scale = min(width, height) / 40
        assert drawn.x1 == round(3 / (scale if scale < 1 else int(scale)))
        await pilot.hover(FramedPicture, offset=(6, 3))
        assert screen.frame.box == drawn

    on_query(indexed, act, ask=fixed(indexed)[0])


def test_a_late_answer_is_dropped_and_farther_neighbours_are_paged(indexed: Audit) -> None:
    ask, crops = fixed(indexed, wait=0.2)

    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        await pilot.press("left", "enter", "right", "enter", "p", "enter")
        await answered(pilot, screen)
        assert screen.frame is not None
        assert crops[-1] == screen.frame.box
        panel = screen.query_one("#under_a", NearestPanel)

        def first() -> int:
            assert panel._now is not None
            return panel._now[2]

        await pilot.press("n")
        assert first() == min(panel.arrangement.tiles, screen.desk.view.k - 1)
        await pilot.press(*["n"] * 9)
        assert first() < screen.desk.view.k
        await pilot.press(*["N"] * 12)
        assert first() == 0

    on_query(indexed, act, ask=ask)
