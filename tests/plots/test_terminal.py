import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from dejavu_tui.plots import figure_names, load_figure
from dejavu_tui.plots.chart import Chart
from dejavu_tui.plots.figures import classes
from dejavu_tui.plots.terminal import LEAST_WIDTH, coloured, draw, plain
from tests.plots import frames

GOLDEN = Path(__file__).parent / "golden"
CODE = re.compile(r"\x1b\[[0-9;]*m")


def figure(name: str) -> Chart:
    info = load_figure(name)
    return info.chart(frames.planted(info.source))


@pytest.mark.parametrize("name", figure_names())
def test_the_text_is_as_it_was_looked_at(name: str) -> None:
    assert plain(draw(figure(name))) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", figure_names())
@given(width=st.integers(1, 250), height=st.integers(1, 80))
@settings(max_examples=25, deadline=None)
def test_no_row_is_too_long_nor_are_there_too_many(name: str, width: int, height: int) -> None:
    chart = figure(name)
    lines = plain(draw(chart, width=width, height=height)).splitlines()
    assert all(cell_len(line) <= max(width, LEAST_WIDTH) for line in lines)
    least = len(draw(chart, width=width, height=1))
    assert len(lines) <= max(height, least)


@pytest.mark.parametrize("name", figure_names())
def test_colour_adds_codes_and_nothing_else(name: str) -> None:
    rows = draw(figure(name))
    stripped = [CODE.sub("", line).rstrip() for line in coloured(rows).splitlines()]
    assert stripped == plain(rows).splitlines()
    assert "\x1b" not in plain(rows)
    assert "\x1b[31m" not in coloured(rows)


def test_wide_names_keep_the_edge_straight() -> None:
    table = frames.classes([("猫猫猫", 5, 0.4, 0.1), ("a", 5, 0.3, 0.1)])
    lines = plain(draw(classes.chart(table), height=30)).splitlines()
    edges = [cell_len(line[: line.index("┤")]) for line in lines if "┤" in line]
    assert len(edges) == 2
    assert len(set(edges)) == 1


def test_a_thousand_classes_fit_into_a_small_terminal() -> None:
    table = frames.classes([(f"class-{place}", 50, place / 2000, 0.1) for place in range(1000)])
    lines = plain(draw(classes.chart(table))).splitlines()
    assert len(lines) <= 24
    assert sum("class-" in line for line in lines) == 14
    assert "986 of 1,000 classes are not shown" in "\n".join(lines)


def test_the_terminal_needs_no_matplotlib() -> None:
    code = (
        "import sys\nfrom dejavu_tui.plots import figure_names, load_figure\nimport dejavu_tui.plots.terminal\n"
        "for name in figure_names():\n    load_figure(name)\n"
        "sys.exit(bool({'matplotlib', 'torch', 'textual'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
