"""`dejavu classes`: which classes are remembered."""

from typing import TYPE_CHECKING, Annotated

import typer

from dejavu_cli.options import AsFormat, AuditFolder, Epoch, Layer, Out, Run, Voters
from dejavu_cli.output import STDOUT, Format

if TYPE_CHECKING:
    import polars as pl

_HEADINGS = {
    "both": "A and B: each image's own encoder against the other one",
    "A": "A: SSL_A against SSL_B",
    "B": "B: SSL_B against SSL_A",
    "E": "E, which neither encoder saw: SSL_A against SSL_B",
}


def classes(
    audit: AuditFolder = None,
    run: Run = None,
    epoch: Epoch = None,
    layer: Layer = None,
    k: Voters = None,
    labels: Annotated[
        str, typer.Option(metavar="N,...", help="A hit is the true class among so many guesses, 1 to 5.")
    ] = "1",
    directions: Annotated[
        bool, typer.Option("--directions", help="Also rows for the directions A and B alone.")
    ] = False,
    out: Out = STDOUT,
    format: AsFormat = None,  # noqa: A002  it is the option's name
) -> None:
    """Accuracies, gap and kinds class by class, over all attacked images; in a table the largest gap first."""
    import polars as pl

    from dejavu_cli.diagnostics import graceful
    from dejavu_cli.numbers import whole_numbers
    from dejavu_cli.output import choose_format, deliver, emit, talk
    from dejavu_cli.scored import tell_search
    from dejavu_tui.workflows.classes import check_label_rank
    from dejavu_tui.workflows.classes import classes as by_class
    from dejavu_tui.workflows.samples import chosen_samples
    from dejavu_tui.workspace import find_audit

    written = choose_format(format, out=out)
    ranks = whole_numbers(labels, option="--labels")
    if len(set(ranks)) < len(ranks):
        raise typer.BadParameter("names a number twice", param_hint="--labels")
    for rank in ranks:
        check_label_rank(rank)
    found = find_audit(audit)
    with graceful() as stop, talk() as progress:
        chosen = chosen_samples(found, run=run, epoch=epoch, layer=layer, k=k, progress=progress, stop=stop)
    tell_search(chosen.searched)
    frame = pl.concat(by_class(found, chosen, label_rank=rank, directions=directions) for rank in ranks)
    if written is Format.TABLE:
        deliver(_for_people(frame).encode(), out=out)
    else:
        emit(frame, format=written, out=out)


def _for_people(frame: "pl.DataFrame") -> str:
    from dejavu_cli.output import grid
    from dejavu_cli.people import snapshot_line
    from dejavu_tui.records import KINDS

    blocks = [snapshot_line(frame)]
    for (rank, direction), rows in frame.group_by("label_rank", "direction", maintain_order=True):
        among = "" if rank == 1 else f", a hit among {rank} guesses"
        sorted_rows = rows.sort("gap", descending=True, nulls_last=True, maintain_order=True)
        shown = sorted_rows.rename({"label_name": "class"}).select(
            "class", "n", "accuracy_target", "accuracy_reference", "gap", *KINDS
        )
        blocks.append(f"{_HEADINGS[str(direction)]}{among}\n{grid(shown)}")
    return "\n".join(blocks)
