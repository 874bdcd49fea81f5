"""`dejavu-tui keys`: which key does what, and how to change that."""

from dejavu_cli.options import AsFormat, Out
from dejavu_cli.output import STDOUT


def keys(
    out: Out = STDOUT,
    format: AsFormat = None,  # noqa: A002  it is the option's name
) -> None:
    """List the keys of all screens, as they are now: id, keys, screens, meaning.

    The file keys.toml, whose place is told, changes them: `sort = "S"`, `leave = ["q", "ctrl+x"]`.
    """
    import polars as pl

    from dejavu_cli.output import choose_format, emit, note
    from dejavu_tui.app.keys import keys_file, load_keys, table

    written = choose_format(format, out=out)
    path = keys_file()
    rows = table(load_keys(path))
    note(f"{'as changed in' if path.is_file() else 'to change them write'} {path}")
    schema = dict.fromkeys(("id", "keys", "screens", "meaning"), pl.String)
    emit(pl.DataFrame(rows, schema=schema, orient="row"), format=written, out=out)
