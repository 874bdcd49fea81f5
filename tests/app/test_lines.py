"""The words around the table."""

from dataclasses import replace

import pytest

from dejavu_tui.app import lines
from dejavu_tui.app.widgets.tabs import place
from dejavu_tui.listing.language import parse
from dejavu_tui.listing.places import OPENING
from dejavu_tui.workflows.browse import BrowseView
from tests.app.fakes import app_on


@pytest.mark.parametrize("room", [12, 30, 60, 150])
def test_the_epoch_is_there_at_every_width(view: BrowseView, room: int) -> None:
    named = replace(view, run="a-run-with-a-rather-long-name-of-its-own")
    line = place(named, busy="", room=room).plain
    assert len(line) <= room
    assert "epoch 800" in line


def test_progress_takes_the_place_of_the_run(view: BrowseView) -> None:
    busy = "epoch 400: embed public 960/2000"
    assert place(view, busy=busy, room=40).plain == busy


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("kind:correlated", ["a shows all kinds."]),
        ("[x]", ["esc takes the last term of the filter away, / changes it."]),
        ("kind:memorized class:Bag conf>0", ["esc takes the last term of the filter away, / changes it.",
                                            "a shows all kinds."]),
    ],
)  # fmt: skip
def test_only_keys_that_help_are_named_where_nothing_is_listed(
    view: BrowseView, typed: str, told: list[str]
) -> None:
    desk = app_on(view, listing=replace(OPENING, filter=parse(typed))).desk
    first, *others = lines.nothing(desk).plain.splitlines()
    assert first == f"At epoch 800 no attacked image is {typed}"
    assert others == told
