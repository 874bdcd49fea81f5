"""The console script `dejavu-tui`: the screens."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dejavu_cli.diagnostics import graceful
from dejavu_cli.entry import options, start
from dejavu_cli.keys import keys
from dejavu_cli.options import FilterBy, Layer, ViewNamed
from dejavu_cli.output import STDOUT, note, talk, write_stdout
from dejavu_cli.streams import check, keys_from_terminal, stdout_spared

if TYPE_CHECKING:
    from dejavu_cli.startup import Start
    from dejavu_tui.app.application import DejavuApp
    from dejavu_tui.workspace import Audit

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
        "dejavu-tui browse; dejavu-tui browse --filter 'kind:memorized conf>-1' --pick > ids.txt",
        epilog=_EPILOG,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(options)
    app.command()(browse)
    app.command()(keys)
    return app


def browse(
    audit: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[AUDIT] [-]",
            help="Audit folder; else the one here. - lists the images whose ids or paths stdin has, one a line.",
            show_default=False,
        ),
    ] = None,
    run: Annotated[
        str | None, typer.Option(help="Run; else where you left off, or the one trained last.", show_default=False)
    ] = None,
    epoch: Annotated[int | None, typer.Option(help="Snapshot; else the last.", show_default=False)] = None,
    layer: Layer = None,
    filter: FilterBy = None,  # noqa: A002  it is the option's name
    view: ViewNamed = None,
    screen: Annotated[
        str | None, typer.Option(help="overview, browse, compare, ...: its tab.", show_default=False)
    ] = None,
    pick: Annotated[
        bool,
        typer.Option(
            "--pick", help="Enter takes the selected images, or the one under the cursor; prints the ids."
        ),
    ] = False,
    images: Annotated[Images, typer.Option(help="How pictures are shown.")] = Images.AUTO,
    no_clipboard: Annotated[
        bool, typer.Option("--no-clipboard", help="Print what is copied at the end instead.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Do not go on where you left off.")] = False,
) -> None:
    """Look at the attacked images: memorized first, most confident first; beside each what both encoders find.

    Press ? for the keys. Goes on where you left off, unless a snapshot or a filter is typed; with - or --pick it
    opens on Browse.
    """
    words = list(audit or ())
    reading = words[-1:] == [STDOUT]
    words = words[:-1] if reading else words
    if len(words) > 1 or STDOUT in words:
        raise typer.BadParameter("one audit folder, then - or nothing", param_hint="[AUDIT] [-]")
    check(picking=pick, reading=reading)
    from dejavu_cli.startup import Typed, begin, preferences
    from dejavu_tui.workspace import find_audit

    where = find_audit(Path(words[0]) if words else None)
    ids = _ids(where) if reading else None
    typed = Typed(run, epoch, layer, filter, view, screen, ids, fresh, pick)
    notices: list[str] = []
    liked = preferences(clipboard=not no_clipboard, notices=notices)
    with talk() as progress, graceful() as stop:
        begun = begin(where, typed, progress=progress, stop=stop)

    from dejavu_tui.app.application import make_app
    from dejavu_tui.app.collector import collect_rarely
    from dejavu_tui.app.pixels.terminal import choose_images

    collect_rarely()
    with stdout_spared(pick):
        app = make_app(
            where,
            begun.view,
            mode=choose_images(images.value),
            pick=pick,
            listing=begun.listing,
            start=begun.screen,
            image_id=begun.image_id,
            kept=begun.kept,
            liked=liked,
            notices=(*notices, *begun.notices),
        )
        app.run()
    _end(app, where, begun)
    if app.return_code:
        raise typer.Exit(app.return_code)
    if pick:
        write_stdout("".join(f"{image_id}\n" for image_id in app.return_value or ()).encode())


def run() -> None:
    """Run the command typed; never returns."""
    start(build, name="dejavu-tui")


def _ids(audit: "Audit") -> Sequence[int]:
    """Return the ids on stdin, then let keys come from the terminal. Raises RequestError: there is none."""
    from dejavu_cli.named import audit_and_images
    from dejavu_tui.errors import RequestError
    from dejavu_tui.workflows.show import identify_all

    _, named = audit_and_images([STDOUT])
    if not named:
        raise RequestError("no image on stdin", fix="pipe image ids or paths into it, one a line")
    keys_from_terminal()
    return identify_all(audit, named)


def _end(app: "DejavuApp", audit: "Audit", begun: "Start") -> None:
    """Keep where the user left off; print what could not be copied. Raises the error that has ended the app."""
    from dejavu_tui.app.state import Look, look_file, place_file, place_of, save

    if app.crash is not None:
        raise app.crash
    listing = begun.lasting(app.desk.listing)
    save(place_of(app.desk, listing, screen=app.current_mode), place_file(audit.root))
    if app.theme != app.theme_before:
        save(Look(theme=app.theme), look_file())
    for text in app.copier.kept:
        for line in text.splitlines():
            note(line)
