"""When Python looks for garbage while the screens are open."""

import gc

_MADE = 20_000
"""Objects made between two looks at the youngest; a picture in half cells is made of thousands."""


def collect_rarely() -> None:
    """Leave what is loaded by now out of every search for garbage, and search for it more rarely.

    By itself Python searches all it has after so few new objects that this took more than half of the time in
    which pictures are drawn. To be called once, before the app starts; what memory needs is measured by a bench.
    """
    gc.freeze()
    gc.set_threshold(_MADE, 20, 20)
