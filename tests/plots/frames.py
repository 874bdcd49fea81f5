"""Tables that a figure may be drawn from, with names out of which someone would like to get something."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import polars as pl

from dejavu_tui.plots import Source
from dejavu_tui.records import KINDS
from dejavu_tui.tables import CLASSES, HISTOGRAM, SCORES

HOSTILE = "r$x_1^2$[red]\x1b[31m\u202e<b>&\\frac"
SHOWN = "r$x_1^2$[red]\\x1b[31m\\u202e<b>&\\frac"

_SCORE: dict[str, Any] = {
    "run": "r",
    "method": "simclr",
    "arch": "convnet",
    "epoch": 800,
    "train_size": 300,
    "layer": "projector",
    "k": 50,
    "top_percent": 20,
    "label_rank": 1,
    "direction": "both",
    "n": 600,
    "accuracy_target": 0.5,
    "accuracy_reference": 0.2,
    "dejavu_score": 0.3,
    "ci_low": 0.2,
    "ci_high": 0.4,
    "memorized": 0.4,
    "correlated": 0.1,
    "misrepresented": 0.1,
    "unassociated": 0.4,
    "mcnemar_p": 0.01,
    "tie_block": 3,
    "probe_train": None,
    "probe_test": None,
    "probe_gap": None,
    "search": "exact",
    "recall": 1.0,
    "encoder_target": "a",
    "encoder_reference": "b",
    "seed": 0,
    "note": None,
}


def scores(*rows: dict[str, Any]) -> pl.DataFrame:
    """Return the table SCORES of rows that say what differs from the usual one."""
    return SCORES.check(pl.DataFrame([_SCORE | row for row in rows], schema=SCORES.schema))


def classes(gaps: Sequence[tuple[str, int, float | None, float | None]]) -> pl.DataFrame:
    """Return the table CLASSES of (name, images, memorized, misrepresented)."""
    rows = [
        {
            "run": "r",
            "epoch": 800,
            "layer": "projector",
            "k": 50,
            "label_rank": 1,
            "direction": "both",
            "label": label,
            "label_name": name,
            "n": n,
            "accuracy_target": memorized,
            "accuracy_reference": misrepresented,
            "gap": None if memorized is None or misrepresented is None else memorized - misrepresented,
            "memorized": memorized,
            "correlated": 0.0,
            "misrepresented": misrepresented,
            "unassociated": 0.0,
            "note": "no image of it is attacked" if memorized is None else None,
        }
        for label, (name, n, memorized, misrepresented) in enumerate(gaps)
    ]
    return CLASSES.check(pl.DataFrame(rows, schema=CLASSES.schema))


def histogram(edges: Sequence[float], counts: dict[str, dict[str, Sequence[int]]]) -> pl.DataFrame:
    """Return the table HISTOGRAM, part A, of images by encoder and kind in each bin; kinds not named have none."""
    bins = list(pairwise(edges))
    rows = [
        {"run": "r", "epoch": 800, "layer": "projector", "k": 50, "part": "A", "encoder": encoder, "kind": kind}
        | {"low": low, "high": high, "images": images}
        for encoder, by_kind in counts.items()
        for kind in KINDS
        for (low, high), images in zip(bins, by_kind.get(kind, [0] * len(bins)), strict=True)
    ]
    return HISTOGRAM.check(pl.DataFrame(rows, schema=HISTOGRAM.schema))


def planted(source: Source) -> pl.DataFrame:
    """Return a plausible table of `source`, its names hostile."""
    match source:
        case "percents":
            table = scores(
                *(
                    {"top_percent": percent, "dejavu_score": 0.5 - percent / 300, "ci_high": 0.6 - percent / 300}
                    for percent in range(1, 101)
                )
            )
        case "epochs" | "probed_epochs" | "probed_sizes":
            name = "train_size" if source == "probed_sizes" else "epoch"
            table = scores(
                *(
                    {
                        "run": f"r{value if source == 'probed_sizes' else ''}",
                        name: value,
                        "direction": direction,
                        "dejavu_score": score,
                        "probe_gap": 0.3 - score,
                    }
                    for value, score in ((50, 0.21), (100, 0.25), (800, 0.3))
                    for direction in ("both", "E")
                )
            )
        case "layers":
            table = scores(
                *(
                    {"layer": layer, "direction": direction, "dejavu_score": score}
                    for layer, score in (
                        ("backbone", 0.21),
                        ("projector.1", 0.25),
                        ("projector", 0.3),
                        (HOSTILE, 0.3),
                    )
                    for direction in ("both", "E")
                )
            )
        case "runs":
            table = scores(
                *(
                    {"run": run, "direction": direction, "dejavu_score": score}
                    for run, score in (("vicreg", 0.21), ("supervised-0", 0.25), ("simclr", 0.3), (HOSTILE, 0.3))
                    for direction in ("both", "E")
                )
            )
        case "classes":
            table = classes([(HOSTILE, 60, 0.4, 0.1), ("bee", 60, 0.1, 0.2), ("cat", 0, None, None)])
        case "histogram":
            table = histogram(
                (-3.9, -2.6, -1.3, 0.0),
                {
                    "target": {"memorized": (1, 5, 9), "unassociated": (30, 20, 10)},
                    "reference": {"memorized": (9, 5, 1), "unassociated": (20, 20, 20)},
                },
            )
    return table.with_columns(pl.lit(HOSTILE).alias("method" if source in ("probed_sizes", "runs") else "run"))
