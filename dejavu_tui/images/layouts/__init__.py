"""Dataset layouts: one file each, found by its name.

A layout module has `recognises(path, *, annotations) -> bool` and `read(path, *, annotations) -> Listing`.
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

    def recognises(self, path: Path, *, annotations: Path | None) -> bool:
        """Tell whether the folder at `path` is laid out this way, with `annotations` if they are named."""

    def read(self, path: Path, *, annotations: Path | None) -> Listing:
        """List the images below `path` without opening one; `annotations` None: look for them."""


PLAIN = "imagefolder"
"""What a folder is taken for that no file describes."""


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


def recognise(path: Path, *, annotations: Path | None) -> str:
    """Return the name of the layout of the folder at `path`: what a file describes goes before PLAIN.

    Raises RequestError: it could be several.
    """
    names = [
        name
        for name in layout_names()
        if name != PLAIN and load_layout(name).recognises(path, annotations=annotations)
    ]
    if len(names) > 1:
        raise RequestError(
            f"could be laid out as {' or '.join(names)}", where=safe_text(str(path)), fix="say which with --layout"
        )
    return names[0] if names else PLAIN
