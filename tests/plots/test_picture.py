"""Pictures: the same bytes, nothing cut or covered, names shown as they are."""

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from dejavu_tui.plots import FORMATS, figure_names, load_figure
from dejavu_tui.plots import picture as module
from dejavu_tui.plots.chart import Chart
from dejavu_tui.plots.figures import classes
from dejavu_tui.plots.picture import render
from tests.plots import frames

MAGIC = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


def chart(name: str) -> Chart:
    info = load_figure(name)
    return info.chart(frames.planted(info.source))


@pytest.mark.parametrize("name", figure_names())
@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_chart_gives_the_same_bytes(name: str, kind: str) -> None:
    first = render(chart(name), format=kind)
    assert first.startswith(MAGIC[kind])
    assert render(chart(name), format=kind) == first


@pytest.mark.parametrize("kind", FORMATS)
def test_another_process_with_other_settings_gives_the_same_bytes(kind: str, tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("font.size: 30\naxes.facecolor: red\nsvg.hashsalt: other\n")
    code = (
        "import sys\nfrom tests.plots.test_picture import chart, render\n"
        "sys.stdout.buffer.write(render(chart('epochs'), format=sys.argv[1]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, kind],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"MATPLOTLIBRC": str(tmp_path), "SOURCE_DATE_EPOCH": "99", "TZ": "Asia/Tokyo"},
        capture_output=True,
        check=True,
    )
    assert done.stdout == render(chart("epochs"), format=kind)
    assert done.stderr == b""


@pytest.mark.parametrize("name", figure_names())
def test_names_are_shown_as_they_are(name: str) -> None:
    drawn = render(chart(name), format="svg").decode()
    assert "r$x_1^2$[red]\\x1b[31m\\u202e&lt;b&gt;&amp;\\frac" in drawn.replace("\n", " ")
    assert "\x1b" not in drawn
    assert "\u202e" not in drawn


@pytest.mark.parametrize("name", figure_names())
def test_nothing_is_cut_and_no_legend_covers_a_panel(name: str) -> None:
    inside(chart(name))


def test_nothing_is_cut_with_a_thousand_classes_of_long_names() -> None:
    table = frames.classes([(f"{place:03}-{'W' * 60}", 12345, place / 2000, 0.1) for place in range(1000)])
    inside(classes.chart(table))


def test_what_the_font_lacks_is_written_as_its_number() -> None:
    drawn = render(classes.chart(frames.classes([("猫é", 5, 0.4, 0.1)])), format="svg").decode()
    assert "\\u732bé (5)" in drawn


def inside(chart: Chart) -> None:
    """Assert that `chart` is drawn within its figure, legends beside the panels, labels apart."""
    with module._settings():
        figure = module._figure(chart)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()  # type: ignore[no-untyped-call]
        renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
        whole = figure.bbox
        for axes in figure.axes:
            legend = axes.get_legend()
            parts = [axes.xaxis.label, axes.yaxis.label, *axes.get_xticklabels(), *axes.get_yticklabels()]
            for part in [*parts, *([legend] if legend else [])]:
                box = part.get_window_extent(renderer)
                assert box.x0 >= whole.x0 - 1
                assert box.x1 <= whole.x1 + 1
                assert box.y0 >= whole.y0 - 1
                assert box.y1 <= whole.y1 + 1
            if legend:
                covering = legend.get_window_extent(renderer)
                assert covering.y0 >= axes.get_window_extent(renderer).y1 - 2
            for labels, low, high in ((axes.get_xticklabels(), "x0", "x1"), (axes.get_yticklabels(), "y0", "y1")):
                boxes = [label.get_window_extent(renderer) for label in labels if label.get_visible()]
                ordered = sorted((getattr(box, low), getattr(box, high)) for box in boxes if box.width)
                assert all(left[1] <= right[0] for left, right in pairwise(ordered))
        (title,) = (text for text in figure.texts if text.get_text().startswith(chart.title))
        assert title.get_window_extent(renderer).x1 <= whole.x1
