import asyncio
from collections.abc import Awaitable, Callable
from typing import ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.pilot import Pilot

from dejavu_tui.app.widgets.keyline import KeyLine


class Keys(App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "note('f')", "Filter", key_display="/"),
        Binding("g", "note('g')", "Hidden", show=False),
        Binding("j,k", "note('jk')", "Both"),
        Binding("l", "later", "Later"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[str] = []
        self.allowed: bool | None = True

    def compose(self) -> ComposeResult:
        yield KeyLine()

    def action_note(self, what: str) -> None:
        self.noted.append(what)

    def action_later(self) -> None:
        self.noted.append("later")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        return self.allowed if action == "later" else True


def run(act: Callable[[Keys, Pilot[None]], Awaitable[None]], *, width: int = 80, kind: type[Keys] = Keys) -> None:
    async def go() -> None:
        app = kind()
        async with app.run_test(size=(width, 5)) as pilot:
            await pilot.pause()
            await act(app, pilot)

    asyncio.run(go())


def words(app: Keys) -> str:
    return app.query_one(KeyLine).render_line(0).text.rstrip()


def test_each_action_stands_once_with_the_key_that_is_told() -> None:
    async def act(app: Keys, _: Pilot[None]) -> None:
        assert words(app) == "/ Filter j Both l Later"
        assert app.query_one(KeyLine).render_line(0).cell_length == 80

    run(act)


@pytest.mark.parametrize(
    ("width", "seen"), [(23, "/ Filter j Both l Later"), (22, "/ Filter j Both"), (8, "/ Filter"), (7, ""), (1, "")]
)
def test_no_key_is_cut(width: int, seen: str) -> None:
    async def act(app: Keys, _: Pilot[None]) -> None:
        assert words(app) == seen

    run(act, width=width)


@pytest.mark.parametrize(
    ("width", "seen"),
    [
        (39, "enter takes 3 / Filter l Later ? Help"),
        (30, "enter takes 3 ? Help"),
        (20, "/ Filter ? Help"),
        (12, "? Help"),
    ],
)
def test_the_help_has_its_room_first_and_words_stand_before_the_keys(width: int, seen: str) -> None:
    class Helped(Keys):
        BINDINGS: ClassVar[list[BindingType]] = [
            Binding("question_mark", "note('help')", "Help", key_display="?", id="help"),
            Binding("j,k", "note('jk')", "Both", show=False),
        ]

    async def act(app: Keys, pilot: Pilot[None]) -> None:
        app.query_one(KeyLine).say("enter takes 3" if width > 20 else "")
        await pilot.pause()
        assert " ".join(words(app).split()) == seen
        at = app.query_one(KeyLine).render_line(0).text.index("?")
        await pilot.click(KeyLine, offset=(at, 0))
        assert app.noted == ["help"]

    run(act, width=width, kind=Helped)


def test_a_click_is_as_good_as_the_key() -> None:
    async def act(app: Keys, pilot: Pilot[None]) -> None:
        for x in (0, 7, 9, 22, 40):
            await pilot.click(KeyLine, offset=(x, 0))
        await pilot.pause()
        assert app.noted == ["f", "f", "jk", "later"]

    run(act)


def test_a_key_that_does_nothing_now_is_dim_and_one_that_is_not_there_is_left_out() -> None:
    async def act(app: Keys, pilot: Pilot[None]) -> None:
        app.allowed = None
        app.refresh_bindings()
        await pilot.pause()
        assert words(app) == "/ Filter j Both l Later"
        dim = [
            segment.text for segment in app.query_one(KeyLine).render_line(0) if segment.style and segment.style.dim
        ]
        assert dim == ["l", " Later"]
        await pilot.click(KeyLine, offset=(20, 0))
        assert not app.noted
        app.allowed = False
        app.refresh_bindings()
        await pilot.pause()
        assert words(app) == "/ Filter j Both"

    run(act)
