"""What `dejavu score`, and what shows a part of it, says on stderr beside its table."""

import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dejavu_cli.output import note, render

if TYPE_CHECKING:
    import polars as pl

    from dejavu_tui.workflows.sizes import Sizes
    from dejavu_tui.workspace import Audit


FEW = 10
"""An accuracy on fewer images than this says little."""


def fitting(scores: "pl.DataFrame", *, shown: Sequence[str], spare: Sequence[str]) -> tuple[str, ...]:
    """Return `shown` without as many of `spare`, the first first, as the terminal has no room for; say which."""
    kept, left = list(shown), []
    for name in spare if sys.stdout.isatty() else ():
        if len(render(scores.select(kept)).splitlines()[-1]) <= shutil.get_terminal_size().columns:
            break
        kept.remove(name)
        left.append(name)
    if left:
        note(f"no room for {', '.join(left)}; `--format csv` has all columns")
    return tuple(kept)


def tell_run(audit: "Audit", run: str, *, typed: str | None) -> None:
    """Say which of several runs is meant where none was typed."""
    from dejavu_tui.workflows.runs import list_runs

    others = len(list_runs(audit)) - 1
    if typed is None and others:
        note(f"run {run}, the one trained last; --run chooses among {others + 1}")


def tell_few(scores: "pl.DataFrame") -> None:
    """Say where the most confident images that a score rests on are so few that it says little."""
    rows = scores.filter(direction="both").unique(["n", "top_percent"], maintain_order=True)
    for n, percent in rows.select("n", "top_percent").iter_rows():
        kept = max(1, percent * (n // 2) // 100)
        if n and kept < FEW:
            note(f"top {percent}% of {n // 2} images in each direction: {kept}, too few to say much")


def tell_sizes(sizes: "Sizes") -> None:
    """Say which runs a sweep over sizes leaves out, and that one size alone is no sweep."""
    for name in sizes.left_out:
        note(f"left out: run {name} has no snapshot of both A and B at epoch {sizes.epoch}")
    if len(sizes.runs) == 1:
        ((size, run),) = sizes.runs
        note(f"one size only: {size} images, run {run.name}; train others with `dejavu train --size N`")


def tell_search(searched: "pl.DataFrame") -> None:
    """Say how the neighbours behind the rows of `searched` were found, by its columns search and recall."""
    for row in searched.group_by("search", maintain_order=True).min().iter_rows(named=True):
        note(f"search: {row['search']}, recall {row['recall']:.4f}")


def tell_probe(audit: "Audit", scores: "pl.DataFrame") -> None:
    """Say what the linear probe was tested on, and where there is none."""
    from dejavu_tui.records import EncoderId
    from dejavu_tui.workflows.runs import TRAINERS
    from dejavu_tui.workflows.shown import shown_to

    run, epoch = scores["run"][0], scores["epoch"][0]
    shown = [shown_to(audit, EncoderId(run, trainer, epoch), "heldout") for trainer in TRAINERS]
    tested = dict.fromkeys(f"{images.height} images of {images['part'][0]}" for images in shown)
    note(f"linear probe: tested on {' and '.join(tested)}")
    undefined = scores.filter(scores["probe_gap"].is_null()).unique(["run", "epoch"], maintain_order=True)
    for row in undefined.iter_rows(named=True):
        note(f"{row['run']}, epoch {row['epoch']}: {row['note']}")


def tell_not_attacked(audit: "Audit", runs: Sequence[str]) -> None:
    """Say how many images that each of `runs` was trained on, or of E, were not attacked, and why."""
    from dejavu_tui.workflows.runs import choose_run
    from dejavu_tui.workflows.trained import not_attacked

    for run in runs:
        settings = choose_run(audit, run).settings
        size = settings.train_size if settings else None
        named = f"{run}, " if len(runs) > 1 else ""
        for reason, count in not_attacked(audit, size=size).iter_rows():
            note(f"{named}not attacked: {count} ({reason})")
