"""`dejavu histogram`: how confident both encoders are."""

from typing import TYPE_CHECKING

from dejavu_cli.options import AsFormat, AuditFolder, Epoch, Layer, Out, Run, Voters
from dejavu_cli.output import STDOUT, Format

if TYPE_CHECKING:
    import polars as pl


def histogram(
    audit: AuditFolder = None,
    run: Run = None,
    epoch: Epoch = None,
    layer: Layer = None,
    k: Voters = None,
    out: Out = STDOUT,
    format: AsFormat = None,  # noqa: A002  it is the option's name
) -> None:
    """Count the attacked images of each kind by the confidence of both encoders; `dejavu plot` draws it."""
    from dejavu_cli.diagnostics import graceful
    from dejavu_cli.output import choose_format, deliver, emit, note, talk
    from dejavu_cli.scored import tell_search
    from dejavu_tui.workflows.histogram import histogram as count
    from dejavu_tui.workflows.samples import chosen_samples
    from dejavu_tui.workspace import find_audit

    written = choose_format(format, out=out)
    found = find_audit(audit)
    with graceful() as stop, talk() as progress:
        chosen = chosen_samples(found, run=run, epoch=epoch, layer=layer, k=k, progress=progress, stop=stop)
    tell_search(chosen.searched)
    frame = count(chosen)
    if empty := [part for part in ("A", "B") if part not in frame["part"]]:
        note(f"no image of {' and '.join(empty)} is attacked")
    if written is Format.TABLE and not frame.is_empty():
        deliver(_for_people(frame).encode(), out=out)
    else:
        emit(frame, format=written, out=out)


def _for_people(frame: "pl.DataFrame") -> str:
    import polars as pl

    from dejavu_cli.people import snapshot_line

    blocks = [
        f"{snapshot_line(frame)}images by the confidence of the target and the reference encoder, in nats:\n"
        "-ln k where all neighbours differ, 0 where all agree; a line reaches to the next\n"
    ]
    control = pl.col("part") == "E"
    for heading, parts in (("A and B", ~control), ("E, which neither encoder saw", control)):
        rows = frame.filter(parts)
        if not rows.is_empty():
            images = rows.filter(encoder="target")["images"].sum()
            blocks.append(f"{heading}: {images} images\n{_bins(rows)}")
    return "\n".join(blocks)


def _bins(rows: "pl.DataFrame") -> str:
    """Return a line for each bin, without the empty ones at both ends, and nothing where no image is."""
    import polars as pl

    from dejavu_cli.output import grid
    from dejavu_tui.records import KINDS

    kinds = dict(zip(KINDS, ("memo-_rized", "corre-_lated", "misrep-_resented", "unasso-_ciated"), strict=True))
    counts = {
        f"{heading}_{kinds[kind]}": pl.col("images").filter(encoder=encoder, kind=kind).sum()
        for encoder, heading in (("target", "target"), ("reference", "ref."))
        for kind in KINDS
    }
    bins = rows.group_by("low").agg(images=pl.col("images").sum(), **counts).sort("low")
    used = bins.filter(pl.col("images") > 0)["low"]
    shown = bins.filter(pl.col("low").is_between(used.min(), used.max()))
    return grid(
        shown.select(
            pl.col("low").alias("from"), *(pl.when(pl.col(name) > 0).then(name).alias(name) for name in counts)
        )
    )
