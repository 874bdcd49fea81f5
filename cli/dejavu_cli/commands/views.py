"""`dejavu views`: listings with a name, for commands and screens alike."""

from typing import Annotated

import typer

from dejavu_cli.options import AsFormat, AuditFolder, FilterBy, Out, Reverse, SortBy
from dejavu_cli.output import STDOUT


def views(
    audit: AuditFolder = None,
    save: Annotated[
        str | None, typer.Option(metavar="NAME", help="Save --filter, and --sort and --reverse, under NAME.")
    ] = None,
    remove: Annotated[str | None, typer.Option(metavar="NAME", help="Take a view away.")] = None,
    filter: FilterBy = None,  # noqa: A002  it is the option's name
    sort: SortBy = None,
    reverse: Reverse = False,
    out: Out = STDOUT,
    format: AsFormat = None,  # noqa: A002  it is the option's name
) -> None:
    """List the saved views, filters with an order and a name for `--view` and the screens; save or remove one."""
    import polars as pl

    from dejavu_cli.listed import asked_listing
    from dejavu_cli.output import choose_format, emit, note
    from dejavu_tui.listing.saved import load_views, remove_view, save_view
    from dejavu_tui.workspace import find_audit

    if save is not None and remove is not None:
        raise typer.BadParameter("does not go with --save", param_hint="--remove")
    if save is not None and filter is None:
        raise typer.BadParameter("needs --filter", param_hint="--save")
    if save is None and (filter is not None or sort is not None or reverse):
        raise typer.BadParameter("go with --save", param_hint="--filter, --sort and --reverse")
    if (save is not None or remove is not None) and (out != STDOUT or format is not None):
        raise typer.BadParameter("go with a list of views", param_hint="--out and --format")
    written = choose_format(format, out=out)
    found = find_audit(audit)
    if save is not None:
        before = save_view(
            found.root, name=save, listing=asked_listing(found, filter=filter, sort=sort, reverse=reverse)
        )
        note(f"view {save} is saved" if before is None else f"view {save} is saved; it was: {before.filter}")
    elif remove is not None:
        note(f"view {remove} is removed; it was: {remove_view(found.root, name=remove).filter}")
    else:
        kept = load_views(found.root)
        if not kept:
            note("no view yet; save one with `dejavu views --save NAME --filter EXPR`")
        rows = [(name, str(one.filter), one.sort, one.descending) for name, one in kept.items()]
        schema = {"view": pl.String, "filter": pl.String, "sort": pl.String, "descending": pl.Boolean}
        emit(pl.DataFrame(rows, schema=schema, orient="row"), format=written, out=out)
