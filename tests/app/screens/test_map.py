"""The map of both confidences: what is drawn and named, and where the keys lead."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from dejavu_tui.app.plane.frame import MARGIN
from dejavu_tui.app.screens.map import MapScreen
from dejavu_tui.app.widgets.picture import Picture
from dejavu_tui.app.words.signs import KIND_SIGNS
from dejavu_tui.listing.language import parse
from dejavu_tui.records import KINDS
from dejavu_tui.workflows.browse import BrowseView
from tests.app.fakes import fake_view
from tests.app.reading import lines, words
from tests.app.screens.on_map import ALL, Pilots, on, row_of, run, told
from tests.app.waiting import until


def test_opens_on_the_image_that_is_looked_at_and_names_it(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        row = row_of(screen)
        assert screen.desk.image_id == screen.desk.listed[0]
        assert screen.scatter.at == (row["target_confidence"], row["reference_confidence"])
        near = told(screen, "near")
        for text in (row["image_id"], row["label_name"], row["kind"], f"{row['target_confidence']:.3f}"):
            assert str(text) in near
        await pilot.pause()
        assert "target confidence, nats" in words(screen)

    run(on(view), act)


@pytest.mark.parametrize(
    ("key", "by"),
    [("left", (-1, 0)), ("h", (-1, 0)), ("right", (1, 0)), ("l", (1, 0)), ("up", (0, -1)), ("k", (0, -1)),
     ("down", (0, 1)), ("j", (0, 1)), ("shift+left", (-8, 0)), ("shift+right", (8, 0)), ("shift+up", (0, -4)),
     ("pageup", (0, -4)), ("shift+down", (0, 4)), ("pagedown", (0, 4))],
)  # fmt: skip
def test_keys_move_the_cursor_by_cells_and_the_nearest_image_is_looked_at(
    view: BrowseView, key: str, by: tuple[int, int]
) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        scatter = screen.scatter
        scatter._go(scatter._plane.middle(30, 7))
        before = scatter._plane.cell(scatter.at)
        await pilot.press(key)
        after = scatter._plane.cell(scatter.at)
        assert (after[0] - before[0], after[1] - before[1]) == by
        across, down = scatter._plane.dots(scatter.points.target, scatter.points.reference)
        x, y = (int(dot) for dot in scatter._plane.dots(*map(np.array, scatter.at)))
        distances = (across - x) ** 2 + (down - y) ** 2
        place = screen.desk.listed.tolist().index(screen.desk.image_id)
        assert distances[place] == distances.min()

    run(on(view), act)


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (200, 60)])
def test_names_the_image_that_is_looked_at_even_where_others_are_on_the_same_dot(
    view: BrowseView, size: tuple[int, int]
) -> None:
    flat = pl.lit(-1.0)
    samples = view.samples.with_columns(target_confidence=flat, reference_confidence=flat)

    async def act(pilot: Pilots, screen: MapScreen) -> None:
        await pilot.pause()
        assert told(screen, "near").startswith("7 ")
        assert f"+{samples.height - 1} here" in told(screen, "near")

    app = on(replace(view, samples=samples))
    app.desk.image_id = 7
    run(app, act, size=size)


def test_an_image_that_is_not_listed_gives_way_to_the_nearest(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        await pilot.press("1")
        other = next(one for one in screen.desk.view.samples["image_id"] if one not in screen.desk.listed)
        screen.desk.image_id = other
        screen.changed()
        named = told(screen, "near").split()[0]
        assert int(named) in screen.desk.listed
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen.__class__.__name__ == "BrowseScreen")
        assert screen.desk.image_id == int(named)

    run(on(view), act)


def test_the_ends_are_the_ends_of_the_listing(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        for key, place in (("greater_than_sign", -1), ("less_than_sign", 0), ("end", -1), ("home", 0)):
            await pilot.press(key)
            assert screen.desk.image_id == screen.desk.listed[place]

    run(on(view), act)


def test_enter_without_a_box_browses_the_nearest_image(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        await pilot.press("shift+left", "down", "enter")
        image_id = screen.desk.image_id
        await until(pilot, lambda: pilot.app.screen.__class__.__name__ == "BrowseScreen")
        await pilot.pause()
        assert screen.desk.image_id == image_id
        assert len(screen.desk.listed) == view.samples.height

    run(on(view), act)


def test_kinds_can_be_told_without_colour(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        for number, kind in enumerate(KINDS, start=1):
            await pilot.press(str(number))
            await pilot.pause()
            assert f"{KIND_SIGNS[kind]} {kind}" in told(screen, "kinds")
            field = "".join(line[MARGIN:] for line in lines(screen)[4:18])
            assert set(KIND_SIGNS.values()) & set(field) == {KIND_SIGNS[kind]}

    run(on(view), act)


def test_beside_a_wide_map_there_is_the_picture(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        picture = screen.query_one("#picture", Picture)
        await until(pilot, lambda: isinstance(picture.shown, Image.Image))
        former = screen.desk.image_id
        await pilot.press("shift+left", "pagedown")
        assert screen.desk.image_id != former
        await until(pilot, lambda: str(row_of(screen)["image_id"]) in told(screen, "facts"))
        await until(pilot, lambda: not picture.waiting)
        assert isinstance(picture.shown, Image.Image)

    run(on(view), act, size=(120, 40))


def test_nothing_listed_says_why(view: BrowseView) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        assert "conf>1 lists 0" in told(screen, "empty")
        await pilot.press("left", "greater_than_sign", "space", "up", "plus", "underscore", "escape", "escape")
        await pilot.pause()
        assert len(screen.desk.listed)
        assert screen.query_one("#scatter").region.area

    run(on(view, listing=replace(ALL, filter=parse("kind:memorized conf>1"))), act)


@pytest.mark.parametrize("attacked", [0, 1])
def test_hardly_any_image(tmp_path: Path, attacked: int) -> None:
    async def act(pilot: Pilots, screen: MapScreen) -> None:
        await pilot.press("left", "space", "up", "plus", "underscore", "greater_than_sign")
        await pilot.pause()
        assert len(screen.desk.listed) == attacked

    run(on(fake_view(tmp_path, attacked=attacked)), act)


def test_names_are_shown_as_they_are(tmp_path: Path) -> None:
    hostile = ("[red]x[/]", "\x1b[31mred", "a\nb", "\u202egpj")

    async def act(_: Pilots, screen: MapScreen) -> None:
        shown = words(screen)
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert any(text in told(screen, "near") for text in ("[red]x[/]", "\\x1b[31mred", "a\\x0ab", "\\u202egpj"))

    run(on(fake_view(tmp_path, attacked=9, classes=hostile)), act, size=(120, 40))
