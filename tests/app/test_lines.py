"""The words around the table."""

from dataclasses import replace

import pytest

from dejavu_tui.app import lines
from dejavu_tui.app.listing import Asked
from dejavu_tui.workflows.browse import BrowseView


def top(view: BrowseView, *, width: int, busy: str = "", asked: Asked | None = None) -> str:
    return lines.top(view, asked or Asked(), listed=3, marked=0, busy=busy, width=width).plain


@pytest.mark.parametrize("width", [38, 58, 78, 198])
def test_the_epoch_and_the_count_are_there_at_every_width(view: BrowseView, width: int) -> None:
    named = replace(view, run="a-run-with-a-rather-long-name-of-its-own")
    line = top(named, width=width)
    assert len(line) == width
    assert "epoch 800 " in line
    assert line.endswith("3 of 60 attacked images")


def test_in_80_columns_progress_is_seen_whole(view: BrowseView) -> None:
    busy = "epoch 400: embed public 960/2000"
    assert busy in top(view, width=78, busy=busy)


def test_only_keys_that_help_are_named_where_nothing_is_listed(view: BrowseView) -> None:
    kind = lines.nothing(view, Asked(kind="correlated")).plain
    assert kind == "At epoch 800 no attacked image is correlated.\na shows all kinds."
    text = lines.nothing(view, Asked(kind=None, text="[x]")).plain
    assert text.splitlines() == [
        "At epoch 800 no attacked image with '[x]' in path, class or guess is there.",
        "esc takes the last filter away.",
    ]
    both = lines.nothing(view, Asked(label=1, control=True)).plain
    assert both.splitlines() == [
        "At epoch 800 no control image of class Bag is memorized.",
        "esc takes the last filter away.",
        "a shows all kinds.",
    ]
