"""`dejavu top`: the images that the encoder remembers most clearly, or any others, in any order."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from dejavu_cli.options import (
    AsFormat,
    AuditFolder,
    Epoch,
    FilterBy,
    Layer,
    Out,
    Reverse,
    Run,
    SortBy,
    ViewNamed,
    Voters,
)
from dejavu_cli.output import STDOUT, Format

if TYPE_CHECKING:
    import polars as pl

    from dejavu_tui.listing.places import Listing
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
    kind: Annotated[
        KindChoice | None,
        typer.Option(help="Which images. Default: memorized, or those of the filter.", show_default=False),
    ] = None,
    part: Annotated[
        list[PartChoice] | None, typer.Option(help="May be repeated; E are the control images. Default: A and B.")
    ] = None,
    filter: FilterBy = None,  # noqa: A002  it is the option's name
    view: ViewNamed = None,
    sort: SortBy = None,
    reverse: Reverse = False,
    run: Run = None,
    epoch: Epoch = None,
    layer: Layer = None,
    k: Voters = None,
    out: Out = STDOUT,
    format: AsFormat = None,  # noqa: A002  it is the option's name
) -> None:
    """List the memorized images, the most confident first: the columns of `dejavu score --per-sample`."""
    from dejavu_cli.diagnostics import graceful
    from dejavu_cli.listed import asked_listing
    from dejavu_cli.output import choose_format, deliver, emit, note, talk
    from dejavu_cli.scored import tell_search
    from dejavu_tui.workflows.samples import chosen_samples
    from dejavu_tui.workflows.top import alone
    from dejavu_tui.workflows.top import top as listed
    from dejavu_tui.workspace import find_audit

    written = choose_format(format, out=out)
    found = find_audit(audit)
    kinds = None if kind is None else [] if kind is KindChoice.ALL else [kind.value]
    parts = [one.value for one in part or ()]
    listing = asked_listing(found, filter=filter, view=view, sort=sort, reverse=reverse, kinds=kinds, parts=parts)
    with graceful() as stop, talk() as progress:
        chosen = chosen_samples(found, run=run, epoch=epoch, layer=layer, k=k, progress=progress, stop=stop)
    tell_search(chosen.searched)
    frame = listed(found, chosen, n=number, listing=listing)
    if frame.is_empty():
        counts = ", ".join(f"{term} {count}" for term, count in alone(found, chosen, listing.filter))
        note(f"no attacked image is listed; each term alone lists: {counts}" if counts else "no image is attacked")
    if written is Format.TABLE and not frame.is_empty():
        deliver(_for_people(frame, found, listing=listing).encode(), out=out)
    else:
        emit(frame, format=written, out=out)


def _for_people(frame: "pl.DataFrame", audit: "Audit", *, listing: "Listing") -> str:
    import polars as pl

    from dejavu_cli.listed import in_words
    from dejavu_cli.people import listing as as_lines
    from dejavu_cli.people import snapshot_line, terminal_width
    from dejavu_tui.listing.places import of_field
    from dejavu_tui.text import safe_text
    from dejavu_tui.workflows.top import class_names

    names = class_names(audit)
    kinds = of_field(listing.filter, "kind")
    columns = {
        "image": pl.col("image_id"),
        "part": pl.col("part"),
        **({"kind": pl.col("kind")} if len(kinds) != 1 else {}),
        "class": pl.col("label_name"),
        "target_guess": pl.col("target_guess").replace_strict(names, return_dtype=pl.String),
        "target_nats": pl.col("target_confidence"),
        "reference_guess": pl.col("reference_guess").replace_strict(names, return_dtype=pl.String),
        "reference_nats": pl.col("reference_confidence"),
        "path": pl.col("path"),
    }
    if kinds and set(kinds) <= {"memorized", "correlated"}:
        del columns["target_guess"]  # it is the class
    table = as_lines(frame.select(**columns), width=terminal_width())
    return f"{snapshot_line(frame)}{safe_text(in_words(listing))}\n{table}"
