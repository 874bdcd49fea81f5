import asyncio
import re
import zlib
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot

from dejavu_tui.app.dialogs.prompts import Choose
from dejavu_tui.app.widgets.kitty import KittyPicture, diacritics, number_style, passed, placeholders, transmission
from dejavu_tui.app.widgets.pictures import picture_class
from dejavu_tui.workflows.browse import BrowseView
from tests.app.fakes import app_on
from tests.app.waiting import pictures

SENT = re.compile(r"\x1b_Ga=T,U=1,i=(\d+),")
DELETED = re.compile(r"\x1b_Ga=d,d=I,i=(\d+),q=2\x1b\\")


class Written:
    """What the app writes beside its screen, and which pictures the terminal holds after it."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, data: str) -> None:
        self.text += data

    @property
    def held(self) -> set[int]:
        sent, deleted = (re.findall(pattern, self.text) for pattern in (SENT, DELETED))
        assert len(set(sent)) == len(sent), "each picture has a number of its own"
        assert set(deleted) <= set(sent)
        return {int(number) for number in set(sent) - set(deleted)}


def numbers_on(pilot: Pilot[tuple[int, ...]]) -> set[int]:
    """The pictures whose placeholders are on the screen."""
    found = set()
    for strip in pilot.app.screen._compositor.render_strips():
        for segment in strip:
            if "\U0010eeee" in segment.text:
                assert segment.style is not None
                assert segment.style.color is not None
                red, green, blue = segment.style.color.get_truecolor()
                found.add(red << 16 | green << 8 | blue)
    return found


def test_diacritics_are_those_of_the_protocol() -> None:
    """Its table begins with U+0305, U+030D, U+030E and has U+0483 as its 31st and U+082D as its 129th."""
    marks = diacritics()
    assert [ord(mark) for mark in marks[:3]] == [0x305, 0x30D, 0x30E]
    assert ord(marks[30]) == 0x483
    assert ord(marks[-1]) == 0x82D
    assert len(set(marks)) == len(marks) == 129


def test_each_placeholder_counts_its_own_row_and_column() -> None:
    lines = placeholders(3, 2)
    marks = diacritics()
    cells = [[line[at : at + 3] for at in range(0, 9, 3)] for line in lines]
    assert cells == [["\U0010eeee" + marks[row] + marks[column] for column in range(3)] for row in range(2)]


@pytest.mark.parametrize("number", [1, 0x010203, 0xFFFFFF])
def test_the_colour_carries_the_number(number: int) -> None:
    colour = number_style(number).color
    assert colour is not None
    assert int("".join(f"{value:02x}" for value in colour.get_truecolor()), 16) == number


def test_a_picture_arrives_with_every_pixel_in_commands_of_bounded_size() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (60, 40, 4), dtype=np.uint8)
    commands = list(transmission(Image.fromarray(pixels), number=77, columns=4, rows=3))
    assert len(commands) > 1
    bodies = [re.fullmatch(r"\x1b_G([^;]*);([A-Za-z0-9+/=]{1,4096})\x1b\\", command) for command in commands]
    assert all(body is not None for body in bodies)
    keys = [dict(pair.split("=") for pair in body[1].split(",")) for body in bodies if body]
    assert [key["m"] for key in keys] == ["1"] * (len(keys) - 1) + ["0"]
    told = ",".join(f"{name}={keys[0][name]}" for name in "aUifosvcr")
    assert told == "a=T,U=1,i=77,f=32,o=z,s=40,v=60,c=4,r=3"
    data = zlib.decompress(b64decode("".join(body[2] for body in bodies if body)))
    assert data == pixels.tobytes()


def test_tmux_gets_commands_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    assert passed("\x1b_Ga\x1b\\") == "\x1b_Ga\x1b\\"
    monkeypatch.setenv("TMUX", "/tmp/tmux,1,0")
    assert passed("\x1b_Ga\x1b\\") == "\x1bPtmux;\x1b\x1b_Ga\x1b\x1b\\\x1b\\"


def test_the_terminal_holds_what_is_seen_and_no_former_pictures(
    view: BrowseView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through moves, resizes, a dialog, another screen and the end."""
    monkeypatch.delenv("TMUX", raising=False)
    written = Written()
    monkeypatch.setattr(HeadlessDriver, "write", lambda _, data: written.write(data))

    async def go() -> None:
        app = app_on(view, mode="kitty")
        async with app.run_test(size=(120, 40)) as pilot:
            await settled(pilot)
            assert len(written.held) > 4
            for keys in (["down"], ["down"] * 5, ["pagedown"], ["greater_than_sign"]):
                await pilot.press(*keys)
                await settled(pilot)
            assert numbers_on(pilot) == written.held
            for size in ((80, 24), (59, 20), (120, 40)):
                await pilot.resize_terminal(*size)
                await settled(pilot)
            app.push_screen(Choose("Which?", []))
            await pilot.pause(0.1)
            assert not numbers_on(pilot), "a dialog lies over the pictures"
            assert not written.held
            await pilot.press("escape")
            await settled(pilot)
            assert written.held
        assert not written.held, "nothing is left in the terminal"

    async def settled(pilot: Pilot[tuple[int, ...]]) -> None:
        await pictures(pilot)
        await pilot.pause(0.1)
        assert numbers_on(pilot) <= written.held
        assert len(written.held) <= len(pilot.app.screen.query(KittyPicture)), "one a place at most"

    asyncio.run(go())


def test_a_reason_stands_where_a_picture_cannot_be_shown(tmp_path: Path, view: BrowseView) -> None:
    async def go() -> None:
        async with app_on(view, mode="kitty").run_test(size=(80, 24)) as pilot:
            await pictures(pilot)
            picture = pilot.app.screen.query_one("#picture", KittyPicture)
            (tmp_path / "x.png").write_bytes(b"")
            picture.ask(tmp_path / "x.png")
            await pictures(pilot)
            assert "empty" in "".join(strip.text for strip in picture._lines)
            assert picture._number is None

    assert picture_class("kitty") is KittyPicture
    asyncio.run(go())
