"""Words about runs and the split, in the room there is."""

import pytest

from dejavu_tui.app.words import runlines
from tests.app.overviews import fake_overview


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_no_number_of_the_split_is_torn(width: int) -> None:
    lines = runlines.split(fake_overview(), None, width=width).plain.splitlines()
    assert [line.startswith("attacked: A+B 590") for line in lines[1:]] in ([], [True])
    assert max(map(len, lines)) <= width
    assert len(lines) == (1 if width > 100 else 2)
