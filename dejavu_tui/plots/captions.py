"""What figures say in words: what was measured, and what of it is not drawn."""

from collections.abc import Iterable, Sequence

import polars as pl

from dejavu_tui.plots.chart import Point
from dejavu_tui.text import safe_text

_NAME, _REASON = 64, 160
_LISTED = 5
_WORDS = {"dejavu_score": "déjà vu score", "label_name": "class"}


def subtitle(frame: pl.DataFrame) -> str:
    """Return run, epoch, layer, k, p and number of images of `frame`, those of them that all its rows share.

    Of several runs, their method and network.
    """
    one_run = frame["run"].n_unique() == 1
    phrases = {
        **({"run": "{}"} if one_run else {"method": "{}", "arch": "{}"}),
        "epoch": "epoch {}",
        "layer": "{}",
        "k": "k = {}",
        "top_percent": "top {}%",
        "n": "{:,} attacked images",
    }
    shared = (name for name in phrases if name in frame.columns and frame[name].n_unique() == 1)
    return ", ".join(phrases[name].format(_shown(frame[name][0])) for name in shared)


def points(frame: pl.DataFrame, xs: Iterable[float], value: str) -> tuple[Point, ...]:
    """Return the column `value` of `frame` at the places `xs`, one for each row."""
    return tuple(Point(x, y) for x, y in zip(xs, frame[value], strict=True))


def score_points(frame: pl.DataFrame, xs: Iterable[float]) -> tuple[Point, ...]:
    """Return the déjà vu scores of `frame` with their intervals at the places `xs`, one for each row."""
    values = zip(xs, frame["dejavu_score"], frame["ci_low"], frame["ci_high"], strict=True)
    return tuple(Point(*value) for value in values)


def ends(*series: Iterable[Point]) -> list[float | None]:
    """Return all values of all `series` and the ends of their intervals."""
    return [end for one in series for point in one for end in (point.y, point.low, point.high)]


def interval(points: Sequence[Point]) -> str:
    """Return what a legend adds to a name where any of `points` has an interval."""
    return ", 95% interval" if any(point.low is not None for point in points) else ""


def undefined(frame: pl.DataFrame, at: str, value: str) -> tuple[str, ...]:
    """Return what rows of `frame` have no `value`, told by their column `at`: one note for each reason."""
    empty = frame.filter(pl.col(value).is_null()).with_columns(pl.col("note").fill_null("undefined"))
    notes = []
    for (reason,), rows in empty.group_by("note", maintain_order=True):
        places = [str(_shown(place)) for place in rows[at].unique(maintain_order=True)]
        more = f" and {len(places) - _LISTED} more" if len(places) > _LISTED else ""
        what = f"{_worded(value)} for {_worded(at)} {', '.join(places[:_LISTED])}{more}"
        notes.append(f"not drawn: {what}: {safe_text(str(reason), limit=_REASON)}")
    return tuple(notes)


def _worded(column: str) -> str:
    return _WORDS.get(column, column.replace("_", " "))


def _shown(value: object) -> object:
    return safe_text(value, limit=_NAME) if isinstance(value, str) else value
