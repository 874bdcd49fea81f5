"""Self-supervised methods, one file each, found by their file names.

A method file imports no torch when it is loaded and offers

- `Options`: frozen settings with the paper's defaults and ranges;
- `build(encoder, options, *, classes) -> learner.Learner`: the encoder and all else that training changes, and the
  loss of a batch; `classes` is how many classes the audit has;
- `LABELS = True`, if it learns from labels: then every image that it trains on must have one.
"""

import pkgutil
from importlib import import_module
from types import ModuleType

from dejavu_tui.config import nearest
from dejavu_tui.errors import RequestError


def method_names() -> tuple[str, ...]:
    """Return the names of all methods."""
    return tuple(sorted(info.name for info in pkgutil.iter_modules(__path__)))


def load_method(name: str) -> ModuleType:
    """Return the module of the method `name`. Raises RequestError naming the nearest."""
    if name not in method_names():
        raise RequestError(f"unknown method '{name}'", where="--method", fix=nearest(name, list(method_names())))
    return import_module(f"{__name__}.{name}")
