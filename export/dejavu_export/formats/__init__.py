"""Formats of checkpoints from elsewhere, one a file, found by file name; each has `bring(checkpoint, asked)`."""

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from dejavu_tui.config import nearest
from dejavu_tui.errors import RequestError
from dejavu_tui.text import safe_text

if TYPE_CHECKING:
    from dejavu_export.foreign.asked import Asked, Brought


class Format(Protocol):
    """A module of this folder."""

    def bring(self, checkpoint: str, asked: "Asked") -> "Brought":
        """Return the encoder in the file `checkpoint`, or, where the format has names for weights, of that name."""


def format_names() -> tuple[str, ...]:
    """Return the names of all formats, without loading any."""
    return tuple(sorted(info.name.replace("_", "-") for info in pkgutil.iter_modules(__path__)))


def load_format(name: str) -> Format:
    """Return the format `name`.

    Raises RequestError naming the nearest: there is none; or what it needs is not installed.
    """
    if name not in format_names():
        raise RequestError(
            f"unknown format '{safe_text(name, limit=80)}'", where="--format", fix=nearest(name, format_names())
        )
    try:
        return cast(Format, import_module(f"{__name__}.{name.replace('-', '_')}"))
    except ModuleNotFoundError as error:
        what = f"needs {error.name}, which is not installed (pip install 'dejavu-tui[train]')"
        raise RequestError(what, where=f"--format {name}", fix="install the extra `train`") from None
