"""The console script `dejavu-tui`: the screens."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dejavu_cli.diagnostics import graceful
from dejavu_cli.entry import options, start
from dejavu_cli.output import talk, write_stdout
from dejavu_tui.errors import RequestError

_EPILOG = (
    "Exit codes: 0 done; 1 failed; 2 what was typed, or no terminal; 3 what a file holds; 4 the audit is being "
    "written by another process; 129 hung up; 130 interrupted; 143 terminated. stdout carries the picked ids."
)


class Images(StrEnum):
    """How pictures are shown."""

    AUTO = "auto"
    KITTY = "kitty"
    SIXEL = "sixel"
    HALF = "half"
    NONE = "none"


def build() -> typer.Typer:
    """Return the Typer application."""
    app = typer.Typer(
        name="dejavu-tui",
        help="Look at the training images that an encoder remembers.\n\n"
        "dejavu-tui browse; dejavu-tui browse --pick > ids.txt",
        epilog=_EPILOG,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(options)
    app.command()(browse)
    return app


def browse(
    audit: Annotated[
        Path | None, typer.Argument(help="Audit folder; else the one here.", show_default=False)
    ] = None,
    run: Annotated[str | None, typer.Option(help="Run; else the one trained last.", show_default=False)] = None,
    epoch: Annotated[int | None, typer.Option(help="Snapshot; else the last.", show_default=False)] = None,
    pick: Annotated[
        bool,
        typer.Option("--pick", help="Enter takes the marked images, or the one under the cursor; prints the ids."),
    ] = False,
    images: Annotated[Images, typer.Option(help="How pictures are shown.")] = Images.AUTO,
) -> None:
    """Browse the attacked images: memorized first, most confident first; beside each what both encoders find.

    Press ? for the keys.
    """
    _need_terminal(pick=pick)
    from dejavu_tui.workflows.browse import open_view
    from dejavu_tui.workspace import find_audit

    where = find_audit(audit)
    with talk() as progress, graceful() as stop:
        view = open_view(where, run=run, epoch=epoch, progress=progress, stop=stop)

    from dejavu_tui.app.application import make_app
    from dejavu_tui.app.terminal import choose_images

    with _stdout_spared(pick):
        app = make_app(where, view, mode=choose_images(images.value), pick=pick)
        app.run()
    if app.return_code:
        raise typer.Exit(app.return_code)
    if pick:
        write_stdout("".join(f"{image_id}\n" for image_id in app.return_value or ()).encode())


def run() -> None:
    """Run the command typed; never returns."""
    start(build, name="dejavu-tui")


def _need_terminal(*, pick: bool) -> None:
    """Raise RequestError unless there is a terminal to read keys from and to draw on."""
    streams = [sys.stdin, sys.stderr] if pick else [sys.stdin, sys.stdout, sys.stderr]
    if all(stream is not None and stream.isatty() for stream in streams) and os.environ.get("TERM") != "dumb":
        return
    raise RequestError("browse needs a terminal", fix="use `dejavu score --per-sample` for the same as a table")


@contextmanager
def _stdout_spared(spared: bool) -> Iterator[None]:
    """Within the block file descriptor 1 is the terminal, so that a pipe there gets nothing that is drawn."""
    if not spared:
        yield
        return
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
