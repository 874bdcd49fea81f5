"""`dejavu trace`: attacked images over snapshots, layers or runs."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from dejavu_cli.options import AsFormat, Epoch, Layer, Out, Run, Voters
from dejavu_cli.output import STDOUT, Format

if TYPE_CHECKING:
    from dejavu_tui.workflows.trace import Trace


class Along(StrEnum):
    """What changes from row to row."""

    EPOCHS = "epochs"
    LAYERS = "layers"
    RUNS = "runs"


def trace(
    images: Annotated[
        list[str],
        typer.Argument(
            metavar="[AUDIT] IMAGE...",
            help="Image ids or paths, or - to read them from stdin, one a line; before them the audit, if needed.",
        ),
    ],
    over: Annotated[
        Along, typer.Option(help="All snapshots of a run, all layers of a snapshot, or all runs.")
    ] = Along.EPOCHS,
    making: Annotated[
        bool, typer.Option("--make", help="Export, embed and search what is missing, as `dejavu score` does.")
    ] = False,
    run: Run = None,
    epoch: Epoch = None,
    layer: Layer = None,
    k: Voters = None,
    out: Out = STDOUT,
    format: AsFormat = None,  # noqa: A002  it is the option's name
) -> None:
    """Show when, where and in which runs an image is memorized: a row for each stored snapshot, layer or run."""
    import polars as pl

    from dejavu_cli.diagnostics import graceful
    from dejavu_cli.named import audit_and_images
    from dejavu_cli.output import choose_format, deliver, emit, note, talk
    from dejavu_tui.tables import TRACE
    from dejavu_tui.workflows.show import identify_all
    from dejavu_tui.workflows.trace import make
    from dejavu_tui.workflows.trace import trace as follow
    from dejavu_tui.workspace import find_audit

    unused = {Along.EPOCHS: epoch is not None, Along.LAYERS: layer is not None, Along.RUNS: run is not None}
    if unused[over]:
        raise typer.BadParameter(f"is what changes over {over.value}", param_hint=f"--{over.value[:-1]}")
    written = choose_format(format, out=out)
    folder, named = audit_and_images(images)
    found = find_audit(folder)
    ids = list(dict.fromkeys(identify_all(found, named)))
    traces = []
    with graceful() as stop, talk() as progress:
        for image_id in ids:
            one = follow(found, image_id, over=over.value, run=run, epoch=epoch, layer=layer, k=k, stop=stop)
            if making and any(absent.command for absent in one.missing):
                make(found, one, progress=progress, stop=stop)
                one = follow(found, image_id, over=over.value, run=run, epoch=epoch, layer=layer, k=k, stop=stop)
            traces.append(one)
    for line in dict.fromkeys(line for one in traces for line in _left_out(one)):
        note(line)
    if written is Format.TABLE:
        deliver("\n".join(_for_people(one) for one in traces if one.table.height).encode(), out=out)
    else:
        empty = pl.DataFrame(schema=TRACE.schema)
        emit(pl.concat([empty, *(one.table for one in traces)]), format=written, out=out)


def _left_out(found: "Trace") -> list[str]:
    """Return why which points have no row, points that are made by a command first."""
    lines = []
    for one in found.missing:
        where = f"run {one.point.run}, epoch {one.point.epoch}, {one.point.layer}"
        lines.append(f"{where}: {one.why}; {one.command}, or --make" if one.command else f"{where}: {one.why}")
    return lines


def _for_people(found: "Trace") -> str:
    import polars as pl

    from dejavu_cli.output import grid
    from dejavu_tui.text import safe_text

    first = found.table.row(0, named=True)
    changing = {"epochs": ("epoch",), "layers": ("layer",), "runs": ("run", "epoch")}[found.over]
    fixed = [f"{name} {safe_text(str(first[name]))}" for name in ("run", "epoch", "layer") if name not in changing]
    heading = f"image {first['image_id']}  {safe_text(first['path'])}  part {first['part']}  "
    heading += f"class {safe_text(first['label_name'])}\n{'  '.join([*fixed, f'k {found.k}'])}\n"
    columns = {name: pl.col(name) for name in (*changing, "kind")}
    for side in ("target", "reference"):
        columns |= {
            f"{side}_guess": pl.col(f"{side}_guess_name"),
            f"{side}_nats": pl.col(f"{side}_confidence"),
            f"{side}_votes": pl.col(f"{side}_label_votes"),
        }
    return heading + grid(found.table.select(**columns))
