"""The words around the table."""

from dataclasses import replace

import pytest

from dejavu_tui.app.widgets.tabs import place
from dejavu_tui.app.words import lines
from dejavu_tui.listing.language import Filter, parse
from dejavu_tui.listing.places import OPENING, places
from dejavu_tui.workflows.browse import BrowseView
from tests.app.fakes import app_on


@pytest.mark.parametrize("room", [12, 30, 60, 150])
def test_the_epoch_is_there_at_every_width(view: BrowseView, room: int) -> None:
    named = replace(view, run="a-run-with-a-rather-long-name-of-its-own")
    line = place(named, busy="", room=room).plain
    assert len(line) <= room
    assert "epoch 800" in line or line.endswith(" @800")


def test_progress_takes_the_place_of_the_run(view: BrowseView) -> None:
    busy = "epoch 400: embed public 960/2000"
    assert place(view, busy=busy, room=40).plain == busy


_LAST = "esc takes the last term away, / changes the filter."


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("kind:correlated", ["a shows all kinds."]),
        ("[x]", [_LAST]),
        ("kind:memorized class:Bag conf>0", [_LAST, "a shows all kinds."]),
    ],
)
def test_what_each_term_lists_and_only_keys_that_help_are_told_where_nothing_is_listed(
    view: BrowseView, typed: str, keys: list[str]
) -> None:
    listing = replace(OPENING, filter=parse(typed))
    desk = app_on(view, listing=listing).desk
    first, *others = lines.nothing(desk, typing=False).plain.splitlines()
    assert first == "No image is listed at epoch 800."
    terms = listing.filter.terms
    told = others[len(terms) > 1 : len(others) - len(keys)]
    for term, line in zip(terms, told, strict=True):
        alone = places(view.samples, replace(listing, filter=Filter((term,))), names=view.label_names, tags={})
        assert line.startswith(f"{term} lists {len(alone)}")
        assert ("no path, class, guess or tag holds it" in line) == (not term.field)
    assert others[len(others) - len(keys) :] == keys
    typing = lines.nothing(desk, typing=True).plain.splitlines()
    assert typing == [first, *others[: len(others) - len(keys)], "esc lists what was listed before."]


def test_a_bar_is_as_long_as_its_share_and_a_hostile_name_is_escaped() -> None:
    bars = [lines.option("[/]\x1b\u202e", number, most=12).plain.count("▇") for number in (0, 1, 6, 12)]
    assert bars == [0, 1, 6, 12]
    assert lines.option("[/]\x1b\u202e", 3, most=3).plain.startswith("[/]\\x1b\\u202e ")
