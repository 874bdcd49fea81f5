"""The console script `dejavu`: finds the commands by their file names and runs the one that was typed."""

import pkgutil
from importlib import import_module

import typer

from dejavu_cli import commands
from dejavu_cli.entry import options, start

_ORDER = (
    "demo",
    "split",
    "crops",
    "train",
    "runs",
    "overview",
    "export-onnx",
    "import",
    "embed",
    "search",
    "score",
    "classes",
    "histogram",
    "top",
    "show",
    "trace",
    "collect",
    "views",
    "tags",
    "index",
    "query",
    "plot",
)
"""The order of work, for the help; commands not named here follow it."""

_EPILOG = (
    "Exit codes: 0 done; 1 failed; 2 what was typed; 3 what a file holds; 4 the audit is being written by "
    "another process; 5 measured, and the verdict is no; 130 interrupted; 143 terminated. stdout carries data "
    "only."
)


def build() -> typer.Typer:
    """Return the Typer application with a command for each file in `commands`."""
    app = typer.Typer(
        name="dejavu",
        help="Measure how much a self-supervised image encoder remembers of its single training images.\n\n"
        "Start with: dejavu demo; look with: dejavu-tui browse",
        epilog=_EPILOG,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(options)
    names = command_names()
    for command in sorted(names, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)):
        module = import_module(f"{commands.__name__}.{names[command]}")
        app.command(name=command)(getattr(module, names[command]))
    return app


def command_names() -> dict[str, str]:
    """Return each command and the name of its file: `_` for `-`, and one more where it is a word of Python."""
    files = [info.name for info in pkgutil.iter_modules(commands.__path__)]
    return {name.removesuffix("_").replace("_", "-"): name for name in files}


def run() -> None:
    """Run the command typed; never returns."""
    start(build, name="dejavu")
