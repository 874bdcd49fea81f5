"""`dejavu score`: how much the target encoder remembers, as a table."""

from pathlib import Path
from typing import Annotated, Any

import typer

from dejavu_cli.options import (
    ComputedOn,
    FilterBy,
    Layers,
    Precision,
    Providers,
    Recall,
    Run,
    SearchBy,
    SearchChoice,
    ViewNamed,
    Workers,
)
from dejavu_cli.output import STDOUT, Format

_SHOWN = (
    "run",
    "train_size",
    "epoch",
    "layer",
    "k",
    "top_percent",
    "label_rank",
    "direction",
    "n",
    "accuracy_target",
    "accuracy_reference",
    "dejavu_score",
    "ci_low",
    "ci_high",
    "memorized",
    "correlated",
    "misrepresented",
    "unassociated",
    "mcnemar_p",
    "tie_block",
)
_SPARE = ("tie_block", "unassociated", "correlated", "mcnemar_p", "n", "accuracy_reference", "accuracy_target")
"""Columns that a narrow terminal does without, the first first."""
_SHOWN_PROBE = ("probe_train", "probe_test", "probe_gap")
_SHOWN_SAMPLES = (
    "epoch",
    "image_id",
    "path",
    "part",
    "label_name",
    "kind",
    "target_guess",
    "target_confidence",
    "reference_guess",
    "reference_confidence",
)


def score(
    audit: Annotated[
        Path | None, typer.Argument(help="Audit folder. Default: the one you are in or beside.")
    ] = None,
    run: Run = None,
    epoch: Annotated[int | None, typer.Option(metavar="N", help="Which snapshot. Default: the last.")] = None,
    epochs_sweep: Annotated[bool, typer.Option("--epochs-sweep", help="Every snapshot.")] = False,
    sizes_sweep: Annotated[
        bool,
        typer.Option(
            "--sizes-sweep",
            help="Every run that differs from this one in --size alone, smallest first, each at its last epoch.",
        ),
    ] = False,
    layer: Layers = None,
    k: Annotated[
        str | None, typer.Option("--k", metavar="K,...", help="Neighbours that vote. Default: the audit's k.")
    ] = None,
    top: Annotated[
        str | None,
        typer.Option(metavar="P,...", help="Shares of most confident images, percent. Default: 1,5,20,100."),
    ] = None,
    labels: Annotated[
        str, typer.Option(metavar="N,...", help="A hit is the true class among so many guesses, 1 to 5.")
    ] = "1",
    directions: Annotated[
        bool, typer.Option("--directions", help="Also rows for the directions A and B alone.")
    ] = False,
    search: SearchBy = SearchChoice.AUTO,
    recall: Recall = 0.99,
    probe: Annotated[
        bool,
        typer.Option(
            "--probe",
            help="Also the linear probe: its accuracy on each encoder's own training set and on held-out images.",
        ),
    ] = False,
    precision: Annotated[
        Precision,
        typer.Option(help="int8: approximated encoders, for screening; every row's note says so."),
    ] = Precision.FP32,
    workers: Workers = None,
    providers: ComputedOn = Providers.CPU,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="auto|local|ADDRESS",
            help="Embed and search on this Ray cluster; the audit folder must be where all its machines see it.",
        ),
    ] = None,
    per_sample: Annotated[
        bool, typer.Option("--per-sample", help="Instead of scores one row for each attacked image.")
    ] = False,
    filter: FilterBy = None,  # noqa: A002  it is the option's name
    view: ViewNamed = None,
    fail_above: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            help="Exit with 5 if a score of both directions is above X: at 20%, or at each P of --top.",
        ),
    ] = None,
    out: Annotated[str, typer.Option(metavar="-|FILE", help="Where to write.")] = STDOUT,
    format: Annotated[  # noqa: A002  it is the option's name
        Format | None, typer.Option(help="Default: by FILE's ending; a table on a terminal, CSV in a pipe.")
    ] = None,
) -> None:
    """Measure how much the target encoder remembers of single images; embeds and searches what is missing."""
    import polars as pl

    from dejavu_cli.diagnostics import graceful
    from dejavu_cli.gate import HEADLINE, judge
    from dejavu_cli.listed import asked_listing
    from dejavu_cli.numbers import whole_numbers
    from dejavu_cli.output import choose_format, emit, note, talk
    from dejavu_cli.per_sample import check_words, samples_of
    from dejavu_cli.scored import (
        fitting,
        tell_few,
        tell_not_attacked,
        tell_probe,
        tell_run,
        tell_search,
        tell_sizes,
    )
    from dejavu_tui.records import Compute
    from dejavu_tui.workflows.by_shard import Asked
    from dejavu_tui.workflows.calibrate.record import quote
    from dejavu_tui.workflows.cluster import measure_on_ray
    from dejavu_tui.workflows.runs import choose_epochs, choose_run
    from dejavu_tui.workflows.score import TOPS, check_request, score_run
    from dejavu_tui.workflows.sizes import runs_by_size, score_sizes
    from dejavu_tui.workflows.top import top as listed
    from dejavu_tui.workspace import find_audit

    if epoch is not None and epochs_sweep:
        raise typer.BadParameter("takes the place of --epoch", param_hint="--epochs-sweep")
    if epochs_sweep and sizes_sweep:
        raise typer.BadParameter("compares sizes at one epoch", param_hint="--sizes-sweep")
    if per_sample and fail_above is not None:
        raise typer.BadParameter("judges scores, not --per-sample", param_hint="--fail-above")
    if fail_above is not None and not -1 <= fail_above <= 1:
        raise typer.BadParameter("scores are shares: 0.05 is 5%", param_hint="--fail-above")
    check_words(
        per_sample,
        for_scores={
            "--precision": precision is not Precision.FP32,
            "--ray": ray is not None,
            "--probe": probe,
            "--top": top is not None,
            "--labels": labels != "1",
            "--directions": directions,
        },
        for_samples={"--filter": filter is not None, "--view": view is not None},
    )
    tops = TOPS if top is None else whole_numbers(top, option="--top")
    chosen_format = choose_format(format, out=out)
    found = find_audit(audit)
    chooses = filter is not None or view is not None
    listing = asked_listing(found, filter=filter, view=view, sort="id") if chooses else None
    snapshots: list[tuple[str, tuple[int, ...]]]
    if sizes_sweep:
        sizes = runs_by_size(found, run=run, epoch=epoch)
        tell_sizes(sizes)
        snapshots = [(one.name, (sizes.epoch,)) for _, one in sizes.runs]
    else:
        chosen = choose_run(found, run)
        tell_run(found, chosen.name, typed=run)
        snapshots = [(chosen.name, choose_epochs(chosen, epoch=epoch, sweep=epochs_sweep))]
    asked: dict[str, Any] = {
        "layers": tuple(layer) if layer else None,
        "ks": None if k is None else whole_numbers(k, option="--k"),
        "search": search.value,
        "recall": recall,
        "compute": Compute(workers=workers, provider=providers.value),
    }
    if per_sample:
        chosen_of_each = samples_of(found, snapshots, **asked)
        tell_search(pl.concat(one.searched for one in chosen_of_each))
        tell_not_attacked(found, [name for name, _ in snapshots])
        frame = pl.concat(
            one.samples if listing is None else listed(found, one, listing=listing) for one in chosen_of_each
        )
        emit(frame, format=chosen_format, out=out, shown=_SHOWN_SAMPLES)
        return
    calibrated = quote(found)
    asked |= {
        "tops": tops,
        "label_ranks": whole_numbers(labels, option="--labels"),
        "directions": directions,
        "probe": probe,
        "precision": precision.value,
    }
    voters = asked["ks"] or (found.settings.k,)
    check_request(found, ks=voters, tops=tops, label_ranks=asked["label_ranks"], recall=recall)
    with graceful() as stop, talk() as progress:
        for name, epochs in snapshots if ray is not None else ():
            measure_on_ray(
                found,
                Asked(
                    name,
                    epochs,
                    max(voters),
                    **{word: asked[word] for word in ("layers", "search", "recall", "precision", "compute")},
                ),
                address=str(ray),
                progress=progress,
                stop=stop,
            )
        if sizes_sweep:
            scores = score_sizes(found, run=run, epoch=epoch, progress=progress, stop=stop, **asked)
        else:
            ((name, epochs),) = snapshots
            scores = score_run(found, run=name, epochs=epochs, progress=progress, stop=stop, **asked)
    tell_search(scores)
    tell_few(scores)
    tell_not_attacked(found, [name for name, _ in snapshots])
    if probe:
        tell_probe(found, scores)
    if calibrated is not None:
        note(calibrated)
    shown: tuple[str, ...] = _SHOWN + _SHOWN_PROBE if probe else _SHOWN
    if chosen_format is Format.TABLE and out == STDOUT:
        shown = fitting(scores, shown=shown, spare=_SPARE)
    emit(scores, format=chosen_format, out=out, shown=shown)
    if fail_above is not None:
        judge(scores, above=fail_above, tops=(HEADLINE,) if top is None else tops)
