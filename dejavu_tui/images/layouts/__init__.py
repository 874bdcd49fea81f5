"""Dataset layouts: one file each, found by its name.

A layout module has `recognises(path) -> bool` and `read(path, *, annotations) -> Listing`.
"""

import importlib
import pkgutil
from pathlib import Path
from typing import Protocol, cast

from dejavu_tui.config import nearest
from dejavu_tui.errors import RequestError
from dejavu_tui.images.listing import Listing
from dejavu_tui.text import safe_text


class Layout(Protocol):
    """What a layout module offers."""

    def recognises(self, path: Path) -> bool:
        """Tell whether the folder at `path` is laid out this way."""

    def read(self, path: Path, *, annotations: Path | None) -> Listing:
        """List the images below `path` without opening one; `annotations` None: look for them."""


def layout_names() -> tuple[str, ...]:
    """Return the names of all layouts, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def load_layout(name: str) -> Layout:
    """Return the layout `name`. Raises RequestError: unknown, with the nearest known name."""
    if name not in layout_names():
        raise RequestError(
            f"unknown layout '{safe_text(name, limit=40)}'", where="--layout", fix=nearest(name, [*layout_names()])
        )
    return cast(Layout, importlib.import_module(f"{__name__}.{name}"))
