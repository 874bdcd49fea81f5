"""`dejavu score --per-sample`: what goes with it, and the images it lists."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from dejavu_tui.records import Compute
    from dejavu_tui.workflows.chosen import Chosen
    from dejavu_tui.workspace import Audit


def check_words(per_sample: bool, *, for_scores: Mapping[str, bool], for_samples: Mapping[str, bool]) -> None:
    """Raise BadParameter if an option is typed that goes with the other of the two tables; True: it is typed."""
    if per_sample and any(for_scores.values()):
        first = next(option for option, typed in for_scores.items() if typed)
        raise typer.BadParameter("goes with scores, not with --per-sample", param_hint=first)
    if not per_sample and any(for_samples.values()):
        first = next(option for option, typed in for_samples.items() if typed)
        raise typer.BadParameter("goes with --per-sample; scores are of all attacked images", param_hint=first)


def samples_of(
    audit: "Audit",
    snapshots: Sequence[tuple[str, Sequence[int]]],
    *,
    layers: Sequence[str] | None,
    ks: Sequence[int] | None,
    search: str,
    recall: float,
    compute: "Compute",
) -> "list[Chosen]":
    """Return the attacked images of the epochs of each run in `snapshots`, by layer and k."""
    from dejavu_cli.diagnostics import graceful
    from dejavu_cli.output import talk
    from dejavu_tui.workflows.samples import chosen_samples

    with graceful() as stop, talk() as progress:
        return [
            chosen_samples(
                audit,
                run=run,
                epoch=epoch,
                layer=layer,
                k=k,
                search=search,
                recall=recall,
                compute=compute,
                progress=progress,
                stop=stop,
            )
            for run, epochs in snapshots
            for epoch in epochs
            for layer in layers or (None,)
            for k in ks or (audit.settings.k,)
        ]
