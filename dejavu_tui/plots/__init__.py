"""Figures: a table in, a Chart out; found by their file names. A Chart is drawn as a picture or in a terminal."""

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal, TypeAlias

from dejavu_tui.config import nearest
from dejavu_tui.errors import RequestError
from dejavu_tui.plots import figures
from dejavu_tui.text import safe_text

if TYPE_CHECKING:
    import polars as pl

    from dejavu_tui.plots.chart import Chart

Source: TypeAlias = Literal[
    "percents", "epochs", "probed_epochs", "probed_sizes", "runs", "layers", "classes", "histogram"
]
"""What a figure is drawn from. The table SCORES over every p, over epochs, train sizes, runs or layers, `probed`
with the linear probe; the table CLASSES; the table HISTOGRAM. Each of one run, layer and k, but for what varies.
"""


FORMATS = ("png", "svg", "pdf")
"""Kinds of picture, by the ending of the file."""


@dataclass(frozen=True)
class FigureInfo:
    """One figure: what it is drawn from, and the function that makes a Chart of that."""

    name: str
    source: Source
    chart: "Callable[[pl.DataFrame], Chart]"


def figure_names() -> tuple[str, ...]:
    """Return the names of all figures, without importing them."""
    return tuple(sorted(info.name for info in pkgutil.iter_modules(figures.__path__)))


def load_figure(name: str) -> FigureInfo:
    """Return the figure `name`: its file has `SOURCE` and `chart`.

    Raises RequestError: no such figure.
    """
    known = figure_names()
    if name not in known:
        raise RequestError(f"no figure '{safe_text(name, limit=80)}'", fix=nearest(name, list(known)))
    module = import_module(f"{figures.__name__}.{name}")
    return FigureInfo(name, module.SOURCE, module.chart)
