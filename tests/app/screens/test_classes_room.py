"""Classes in windows of any size, of names of any kind, and a thousand of them."""

import random
from pathlib import Path

from dejavu_tui.app.screens.classes import ClassesScreen
from dejavu_tui.app.widgets.ledger import Ledger
from dejavu_tui.workflows.browse import BrowseView
from tests.app.fakes import fake_view
from tests.app.reading import words
from tests.app.screens.on_classes import Pilots, asked, names, on


def test_names_out_of_files_are_shown_as_they_are(tmp_path: Path) -> None:
    hostile = ("[b]x[/b]", "\x1b[31mred\x07", "a\u202eb", 'quo"te\\,x', "-minus:1", "漢字" * 40)

    async def act(pilot: Pilots, screen: ClassesScreen) -> None:
        shown = words(screen)
        assert "[b]x[/b]" in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert all(strip.cell_length == 80 for strip in screen._compositor.render_strips())
        for place, name in enumerate(names(screen)):
            await pilot.press("L", "less_than_sign", *["down"] * place, "enter")
            await pilot.pause()
            assert asked(screen, "class") == (name,)
            assert len(screen.desk.listed) == 10

    on(fake_view(tmp_path, draw=False, classes=hostile), act)


def test_any_size_will_do(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: ClassesScreen) -> None:
        for width, height in ((200, 60), (120, 40), (80, 24), (59, 20), (40, 12), (2, 1), (40, 12)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            await pilot.press(*random.Random(width).sample(["down", "up", "pagedown", "home", "end", "r", "e"], 7))
            shown = screen._compositor.render_strips()
            assert all(strip.cell_length == width for strip in shown)
        assert "gap" in words(screen)
        assert "▸" in words(screen)
        await pilot.press("home", "down")
        assert screen.ledger.cursor == 1

    on(view, act)


def test_a_thousand_classes_are_gone_through_by_keys_and_wheel(tmp_path: Path) -> None:
    many = tuple(f"class {number:04d}" for number in range(1000))

    async def act(pilot: Pilots, screen: ClassesScreen) -> None:
        await pilot.press("end")
        await pilot.pause()
        assert screen.ledger.cursor == 999
        assert names(screen)[-1] in words(screen)
        await pilot.press("pageup", "k")
        await pilot.pause()
        assert names(screen)[screen.ledger.cursor] in words(screen)
        await pilot.press("home")
        await pilot.pause()
        assert names(screen)[0] in words(screen)
        screen.ledger.scroll_to(y=500, animate=False, immediate=True)
        await pilot.pause()
        await pilot.click(Ledger, offset=(5, 2))
        assert screen.ledger.cursor == 501

    on(fake_view(tmp_path, draw=False, attacked=2000, classes=many), act)
