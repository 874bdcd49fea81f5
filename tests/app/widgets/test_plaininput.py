"""Nothing that is pasted drives the terminal, in any line that can be typed into."""

import ast
import asyncio
from pathlib import Path

from textual.app import App, ComposeResult
from textual.events import Paste

import dejavu_tui.app
from dejavu_tui.app.widgets.plaininput import PlainInput

HOSTILE = "\x1b]52;c;aGk=\x07a\x9bb\u202ec\x00"


def test_what_is_pasted_is_shown_without_a_control_character() -> None:
    class Typing(App[None]):
        def compose(self) -> ComposeResult:
            yield PlainInput()

    async def go() -> None:
        app = Typing()
        async with app.run_test() as pilot:
            line = app.query_one(PlainInput)
            line.focus()
            line.post_message(Paste(HOSTILE))
            await pilot.pause()
            assert "\\x1b" in line.value
            shown = "".join(line.render_line(y).text for y in range(3))
            assert not any(ch in line.value + shown for ch in "\x1b\x07\x9b\u202e\x00")
            await pilot.press("home", "é", "ü", "日")
            assert line.value.startswith("éü日")

    asyncio.run(go())


def test_no_other_input_is_shown() -> None:
    folder = Path(dejavu_tui.app.__file__).parent
    made = [
        (path.name, node.lineno)
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Input"
    ]
    assert not made
