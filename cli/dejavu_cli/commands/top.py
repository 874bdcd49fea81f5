"""`dejavu top`: the images that the encoder remembers most clearly."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from dejavu_cli.options import AsFormat, AuditFolder, Epoch, Layer, Out, Run, Voters
from dejavu_cli.output import STDOUT, Format

if TYPE_CHECKING:
    import polars as pl

    from dejavu_tui.scores.rows import Attacked
    from dejavu_tui.workspace import Audit


class KindChoice(StrEnum):
    """Kinds of images, and all of them."""

    MEMORIZED = "memorized"
    CORRELATED = "correlated"
    MISREPRESENTED = "misrepresented"
    UNASSOCIATED = "unassociated"
    ALL = "all"


class PartChoice(StrEnum):
    """Parts whose images are attacked."""

    A = "A"
    B = "B"
    E = "E"


def top(
    audit: AuditFolder = None,
    number: Annotated[int, typer.Option("-n", metavar="N", min=1, help="How many images.")] = 20,
    kind: Annotated[KindChoice, typer.Option(help="Which images.")] = KindChoice.MEMORIZED,
    part: Annotated[
        list[PartChoice] | None, typer.Option(help="May be repeated; E are the control images. Default: A and B.")
    ] = None,
    run: Run = None,
    epoch: Epoch = None,
    layer: Layer = "projector",
    k: Voters = None,
    out: Out = STDOUT,
    format: AsFormat = None,  # noqa: A002  it is the option's name
) -> None:
    """List the memorized images, the most confident first: the columns of `dejavu score --per-sample`."""
    from dejavu_cli.diagnostics import graceful
    from dejavu_cli.output import choose_format, deliver, emit, note, talk
    from dejavu_cli.scored import tell_search
    from dejavu_tui.workflows.samples import chosen_samples
    from dejavu_tui.workflows.top import top as most_confident
    from dejavu_tui.workspace import find_audit

    written = choose_format(format, out=out)
    found = find_audit(audit)
    parts: list[Attacked] = [one.value for one in part] if part else ["A", "B"]
    with graceful() as stop, talk() as progress:
        chosen = chosen_samples(found, run=run, epoch=epoch, layer=layer, k=k, progress=progress, stop=stop)
    tell_search(chosen.searched)
    frame = most_confident(chosen, n=number, kind=kind.value, parts=parts)
    if frame.is_empty():
        note(f"no image of {' or '.join(parts)} is {'attacked' if kind is KindChoice.ALL else kind.value}")
    if written is Format.TABLE and not frame.is_empty():
        deliver(_for_people(frame, found, kind=kind).encode(), out=out)
    else:
        emit(frame, format=written, out=out)


def _for_people(frame: "pl.DataFrame", audit: "Audit", *, kind: KindChoice) -> str:
    import polars as pl

    from dejavu_cli.people import listing, snapshot_line, terminal_width

    names = audit.images.select("label", "label_name").unique("label")
    columns = {
        "image": pl.col("image_id"),
        "part": pl.col("part"),
        **({"kind": pl.col("kind")} if kind is KindChoice.ALL else {}),
        "class": pl.col("label_name"),
        "target_guess": _named("target_guess", names),
        "target_nats": pl.col("target_confidence"),
        "reference_guess": _named("reference_guess", names),
        "reference_nats": pl.col("reference_confidence"),
        "path": pl.col("path"),
    }
    if kind in (KindChoice.MEMORIZED, KindChoice.CORRELATED):
        del columns["target_guess"]  # it is the class
    table = listing(frame.select(**columns), width=terminal_width())
    which = "" if kind is KindChoice.ALL else f"{kind.value}, "
    return f"{snapshot_line(frame)}{which}most confident target encoder first\n{table}"


def _named(column: str, names: "pl.DataFrame") -> "pl.Expr":
    import polars as pl

    return pl.col(column).replace_strict(names["label"], names["label_name"], return_dtype=pl.String)
