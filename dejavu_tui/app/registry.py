"""The screens, found by their file names."""

import pkgutil
from functools import cache
from importlib import import_module

from dejavu_tui.app import screens
from dejavu_tui.app.tabscreen import TabScreen


@cache
def tab_screens() -> tuple[type[TabScreen], ...]:
    """Return the class `SCREEN` of each file in `screens`, in the order of their tabs."""
    modules = [import_module(f"{screens.__name__}.{info.name}") for info in pkgutil.iter_modules(screens.__path__)]
    found: list[type[TabScreen]] = [module.SCREEN for module in modules]
    return tuple(sorted(found, key=lambda screen: screen.ORDER))
