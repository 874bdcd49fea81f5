"""The row of kinds."""

import asyncio

import pytest
from textual.app import App, ComposeResult

from dejavu_tui.app.widgets.kinds import KindBar, KindChoice
from dejavu_tui.records import KINDS


class Alone(App[None]):
    CSS = "KindBar { height: 1; } KindChoice { width: auto; }"

    def compose(self) -> ComposeResult:
        yield KindBar()


def shown(width: int) -> list[str]:
    texts: list[str] = []

    async def go() -> None:
        app = Alone()
        async with app.run_test(size=(width, 5)) as pilot:
            app.query_one(KindBar).show(
                dict(zip(KINDS, (35, 21, 30, 1514), strict=True)), ("memorized",), width=width
            )
            await pilot.pause()
            texts.extend(str(choice.content) for choice in app.query(KindChoice))
            assert all(choice.region.right <= width for choice in app.query(KindChoice))

    asyncio.run(go())
    return texts


@pytest.mark.parametrize("width", [60, 70, 80, 90, 100, 120])
def test_every_kind_has_its_number_where_names_have_room(width: int) -> None:
    for text, number in zip(shown(width), ("35", "21", "30", "1,514", "1,600"), strict=True):
        assert text.endswith(f" {number} ")


def test_names_get_shorter_by_words_and_signs_are_there_where_there_is_room() -> None:
    assert [text.split()[1] for text in shown(120)] == ["◆", "◇", "▲", "·", "all"]
    assert [text.split()[2] for text in shown(120)][:4] == list(KINDS)
    assert [text.split()[1] for text in shown(80)] == ["memorized", "correlated", "misrepr.", "unassoc.", "all"]
    assert [text.split()[1] for text in shown(60)] == ["mem.", "cor.", "mis.", "una.", "all"]


def test_in_the_narrowest_window_only_the_chosen_kind_is_named() -> None:
    assert [text.split() for text in shown(40)] == [["▸1", "memorized"], ["2"], ["3"], ["4"], ["a"]]
