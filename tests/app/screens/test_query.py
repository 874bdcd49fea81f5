"""Any picture, or a crop of it, held against the public images."""

import csv
import io
from pathlib import Path

import pytest
from PIL import Image
from textual.events import Paste

from dejavu_tui.app.screens.query import QueryScreen
from dejavu_tui.app.widgets.nearest import NearestPanel
from dejavu_tui.app.widgets.pathline import PathInput
from dejavu_tui.workflows.query import query
from dejavu_tui.workspace import Audit
from tests.app.reading import text
from tests.app.screens.on_query import Pilots, answered, fixed, ids, on_query
from tests.app.waiting import until
from tests.functional.test_contract import dejavu


def test_opens_on_the_whole_image_that_is_looked_at_with_what_both_encoders_find(indexed: Audit) -> None:
    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        await answered(pilot, screen)
        assert screen.asked is not None
        assert screen.asked.image_id == screen.desk.image_id
        found = query(indexed, screen.asked.path)
        assert ids(screen) == [found.filter(encoder=trainer)["image_id"].to_list() for trainer in "AB"]
        assert "whole picture" in text(screen, "#asked")
        for name, trainer in (("#under_a", "A"), ("#under_b", "B")):
            heading = str(screen.query_one(name, NearestPanel)._heading.content)
            assert f"SSL_{trainer}" in heading
            assert ("saw it" in heading) == (screen.asked.part == trainer)
            votes = found.filter(encoder=trainer)["label_name"].value_counts(sort=True)
            assert f"{votes['count'][0]}/{found.height // 2}" in heading

    on_query(indexed, act)


def test_a_path_is_typed_pasted_and_recalled(indexed: Audit, tmp_path: Path) -> None:
    Image.new("RGB", (64, 48), "red").save(tmp_path / "my red.png")

    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        line = screen.query_one(PathInput)
        assert not line.has_focus
        assert line.value == str(screen.desk.image_id)
        for key in ("i", "slash"):
            await pilot.press(key)
            assert line.has_focus
            await pilot.press("escape")
            assert not line.has_focus
        await pilot.press("i", "3", "enter")
        await until(pilot, lambda: screen.asked is not None and screen.asked.word == "3")
        await until(pilot, lambda: not line.has_focus)
        screen.post_message(Paste(f"'{tmp_path / 'my red.png'}'\n"))
        await until(pilot, lambda: screen.asked is not None and screen.asked.image_id is None)
        assert "my red.png" in text(screen, "#asked")
        assert "64x48" in text(screen, "#asked")
        assert line.value == str(tmp_path / "my red.png")
        await answered(pilot, screen)
        assert all(not near.match for answer in screen.answers or () for near in answer.neighbours)
        await pilot.press("i", "7", "enter")
        await until(pilot, lambda: screen.asked is not None and screen.asked.word == "7")
        await pilot.press("i", "up", "up")
        assert line.value == "3"
        await pilot.press("down", "down", "down")
        assert line.value == ""
        await pilot.press("up", "up", "enter")
        await until(pilot, lambda: screen.asked is not None and screen.asked.word == "3")

    on_query(indexed, act, ask=fixed(indexed)[0])


@pytest.mark.parametrize("typed", ["nothing.png", "\x1b]52;c;aGk=\x07[/red]", "/dev/zero"])
def test_what_is_no_picture_is_said_in_a_line_and_all_else_stays(indexed: Audit, typed: str) -> None:
    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        await answered(pilot, screen)
        before = screen.asked, screen.answers
        screen.post_message(Paste(typed))
        await until(pilot, lambda: screen.query_one("#asked").has_class("-refused"))
        said = text(screen, "#asked")
        assert "no file and no image" in said
        assert not any(ch in said for ch in "\x1b\x07\n")
        assert (screen.asked, screen.answers) == before
        line = screen.query_one(PathInput)
        assert not any(ch in line.value for ch in "\x1b\x07\n")
        line.focus()
        line.post_message(Paste(typed))
        await pilot.pause()
        assert not any(ch in line.value for ch in "\x1b\x07\n")
        await pilot.press("escape", "left")
        await until(pilot, lambda: not screen.query_one("#asked").has_class("-refused"))

    on_query(indexed, act, ask=fixed(indexed)[0])


def test_prints_the_same_with_its_command(indexed: Audit) -> None:
    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        await pilot.press("p", "enter")
        await answered(pilot, screen)
        done = dejavu(*screen.twin()[1:], cwd=indexed.root.parent)
        assert done.returncode == 0, done.stderr
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        assert ids(screen) == [[int(row["image_id"]) for row in rows if row["encoder"] == t] for t in "AB"]

    on_query(indexed, act)


def test_any_size_will_do(indexed: Audit) -> None:
    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        def seen() -> list[str]:
            return [one for one in screen.PANELS if screen.query_one(f"#{one}").region.area]

        await answered(pilot, screen)
        for size in ((200, 60), (120, 40), (80, 24), (59, 20), (40, 12), (2, 1), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.press("left")
            await pilot.pause()
            assert len(text(screen, "#asked")) <= size[0] or not screen.query_one("#asked").region.area
        await pilot.resize_terminal(50, 16)
        for name in (*screen.PANELS, screen.PANELS[0]):
            await until(pilot, lambda name=name: seen() == [name])  # type: ignore[misc]
            await pilot.press("tab")

    on_query(indexed, act, ask=fixed(indexed)[0], mode="half")


def test_a_late_answer_leaves_a_refused_path_refused(indexed: Audit) -> None:
    ask, crops = fixed(indexed, wait=0.3)

    async def act(pilot: Pilots, screen: QueryScreen) -> None:
        await answered(pilot, screen)
        await pilot.press("left")
        before = len(crops)
        await until(pilot, lambda: len(crops) > before)
        screen.open("nowhere.png")
        await until(pilot, lambda: screen.query_one("#asked").has_class("-refused"))
        await answered(pilot, screen)
        assert "nowhere.png" in text(screen, "#asked")
        await pilot.press("right")
        await pilot.pause()
        assert "nowhere.png" not in text(screen, "#asked")

    on_query(indexed, act, ask=ask)
