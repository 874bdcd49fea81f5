"""What can be done with the image on Compare, and where its keys lead."""

from pathlib import Path

import pytest

from dejavu_tui.app.screens.compare import CompareScreen
from dejavu_tui.workspace import Audit
from tests.app.reading import notices, text
from tests.app.screens.on_compare import Pilots, compare, settled
from tests.app.waiting import until
from tests.data.planted import planted_audit


def test_up_and_down_walk_through_what_is_listed(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        desk = screen.desk
        listed = desk.listed.tolist()
        walk = [("down", 1), ("j", 2), ("k", 1), ("up", 0), ("up", 0), ("greater_than_sign", len(listed) - 1)]
        walk += [("down", len(listed) - 1), ("less_than_sign", 0), ("pagedown", min(10, len(listed) - 1))]
        for key, row in [*walk, ("pageup", 0)]:
            await pilot.press(key)
            assert desk.image_id == listed[row]
        await settled(pilot)
        assert str(listed[0]) in text(screen, "#image")
        await pilot.press("space")
        assert list(desk.selected) == [listed[0]]
        assert text(screen, "#image").startswith("●")
        await pilot.press("space")
        assert not desk.selected

    compare(planted, act)


def test_enter_leads_to_browse_at_the_snapshot_under_the_cursor(planted: Audit) -> None:
    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        image_id = screen.desk.image_id
        await pilot.press("left", "enter")
        await until(pilot, lambda: screen.desk.view.epoch == 10)
        assert pilot.app.current_mode == "browse"
        assert image_id is not None
        await pilot.press("C")
        await settled(pilot)
        assert screen.station
        assert screen.station.point.epoch == 10

    compare(planted, act)


def test_the_image_is_tagged_untagged_and_written_and_another_is_jumped_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = planted_audit(tmp_path, images=14, attacked=3)
    monkeypatch.chdir(tmp_path)

    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        desk = screen.desk
        first, other = desk.image_id, int(desk.listed[1])
        assert first is not None
        await pilot.press("t", *"odd", "enter")
        await until(pilot, lambda: desk.tags == {first: frozenset({"odd"})})
        await until(pilot, lambda: "#odd" in text(screen, "#image"))
        await pilot.press("z")
        await until(pilot, lambda: not desk.tags)
        await until(pilot, lambda: "#odd" not in text(screen, "#image"))
        await pilot.press("z", "t", *"odd", "enter")
        await until(pilot, lambda: bool(desk.tags))
        await pilot.press("T", "enter")
        await until(pilot, lambda: not desk.tags)
        await pilot.press("g", *str(other), "enter")
        await until(pilot, lambda: text(screen, "#image").startswith(f"{other} "))
        await pilot.press("x", "down", "enter", "enter")
        written = tmp_path / f"{desk.view.run}-{desk.view.epoch}.txt"
        await until(pilot, written.is_file)
        await until(pilot, lambda: written.read_text().split() == [str(other)])
        desk.select([first], on=True)
        screen.changed()
        await until(pilot, lambda: "1 selected" in text(screen, "#image"))
        assert screen.chosen() == (first,)
        await pilot.press("u")
        assert screen.chosen() == (other,)

    compare(audit, act)


@pytest.mark.parametrize(
    ("key", "told"),
    [("slash", "/ (filter)"), ("s", "s (sort)"), ("V", "V (views)"), ("1", "1 (memorized)"), ("v", "v (range)")],
)
def test_a_key_of_lists_says_where_there_is_one(planted: Audit, key: str, told: str) -> None:
    async def act(pilot: Pilots, screen: CompareScreen) -> None:
        for name in ("compare", "overview"):
            await pilot.app.run_action(f"go('{name}')")
            await pilot.pause()
            listing = screen.desk.listing
            await pilot.press(key)
            said = notices(pilot.app)
            assert [one for one in said if told in one and "works on Browse" in one], said
            assert screen.desk.listing == listing
            assert len(pilot.app.screen_stack) == 1

    compare(planted, act)
