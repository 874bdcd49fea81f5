"""What both console scripts share: how their line is read, and the options before the command."""

import sys
from collections.abc import Callable
from typing import Annotated, NoReturn

import typer

from dejavu_cli.diagnostics import end


def start(build: Callable[[], typer.Typer], *, name: str) -> NoReturn:
    """Run the command typed; without one, show the help. `--debug` may stand anywhere in the line."""
    typed = sys.argv[1:]
    arguments = [word for word in typed if word != "--debug"] or ["--help"]
    end(lambda: build()(args=arguments, prog_name=name, standalone_mode=False), name=name, debug="--debug" in typed)


def _version(asked: bool) -> None:
    if asked:
        from dejavu_tui import __version__

        typer.echo(f"dejavu {__version__}")
        raise typer.Exit


def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Options before the command; `--debug` is taken out of the line in `start`."""
