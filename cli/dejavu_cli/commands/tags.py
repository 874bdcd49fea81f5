"""`dejavu tags`: words that the user gives to images, to find them again."""

from typing import Annotated

import typer

from dejavu_cli.options import AsFormat, Out
from dejavu_cli.output import STDOUT


def tags(
    images: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[AUDIT] [IMAGE...]",
            help="Image ids or paths to tag, or - to read them from stdin, one a line; before them the audit.",
            show_default=False,
        ),
    ] = None,
    add: Annotated[str | None, typer.Option(metavar="TAG", help="Give the images this tag.")] = None,
    remove: Annotated[str | None, typer.Option(metavar="TAG", help="Take this tag from the images.")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Undo the last change of tags.")] = False,
    out: Out = STDOUT,
    format: AsFormat = None,  # noqa: A002  it is the option's name
) -> None:
    """List the tags of images, a line each; or give images a tag, take one away, or undo the last change."""
    from pathlib import Path

    import polars as pl

    from dejavu_cli.named import audit_and_images
    from dejavu_cli.output import choose_format, emit, note
    from dejavu_tui.listing.tags import TagFile, checked_tag
    from dejavu_tui.workflows.show import identify_all
    from dejavu_tui.workspace import find_audit

    actions = {"--add": add is not None, "--remove": remove is not None, "--undo": undo}
    asked = [option for option, typed in actions.items() if typed]
    if len(asked) > 1:
        raise typer.BadParameter(f"does not go with {asked[0]}", param_hint=asked[1])
    if asked and (out != STDOUT or format is not None):
        raise typer.BadParameter("go with a list of tags", param_hint="--out and --format")
    words = images or []
    tag = add if add is not None else remove
    if tag is not None:
        checked_tag(tag)
        if not words:
            raise typer.BadParameter("name images, or - to read them from stdin", param_hint=asked[0])
        folder, named = audit_and_images(words)
        audit = find_audit(folder)
        ids, file = identify_all(audit, named), TagFile(audit.root)
        changed = file.tag(ids, tag=tag) if add is not None else file.untag(ids, tag=tag)
        same = len(set(ids)) - changed
        said = f"{tag}: {_images(changed)} {'tagged' if add is not None else 'untagged'}"
        rest = f", {same} {'had it' if add is not None else 'did not have it'}" if same else ""
        note(said + rest)
        return
    if len(words) > 1:
        raise typer.BadParameter("say what to do with the images: --add TAG or --remove TAG", param_hint="IMAGE")
    file = TagFile(find_audit(Path(words[0]) if words else None).root)
    if undo:
        last = file.undo()
        note(f"undone: {last.op} {last.tag}, {_images(len(last.image_ids))}")
        return
    written = choose_format(format, out=out)
    rows = [(image_id, tag) for image_id, given in sorted(file.read().of.items()) for tag in sorted(given)]
    if not rows:
        note("no tag yet; give one with `dejavu tags --add TAG IMAGE...`")
    schema = {"image_id": pl.Int64, "tag": pl.String}
    emit(pl.DataFrame(rows, schema=schema, orient="row"), format=written, out=out)


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count} images"
