"""Figures: a table in, a matplotlib Figure out; found by their file names."""

import pkgutil
from importlib import import_module
from types import ModuleType

from dejavu_tui.config import nearest
from dejavu_tui.errors import RequestError
from dejavu_tui.plots import figures
from dejavu_tui.text import safe_text


def figure_names() -> tuple[str, ...]:
    """Return the names of all figures, without importing them."""
    return tuple(sorted(info.name for info in pkgutil.iter_modules(figures.__path__)))


def load_figure(name: str) -> ModuleType:
    """Return the module of figure `name`, with `TITLE`, `NEEDS` (columns) and `draw`.

    Raises RequestError: no such figure.
    """
    known = figure_names()
    if name not in known:
        raise RequestError(f"no figure '{safe_text(name, limit=80)}'", fix=nearest(name, list(known)))
    return import_module(f"{figures.__name__}.{name}")
