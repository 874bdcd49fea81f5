"""`dejavu demo`: the whole audit on the sample data."""

from pathlib import Path
from typing import Annotated

import typer

from dejavu_cli.output import Format

_SHOWN = (
    "run",
    "layer",
    "k",
    "epoch",
    "top_percent",
    "direction",
    "accuracy_target",
    "accuracy_reference",
    "dejavu_score",
    "ci_low",
    "ci_high",
    "memorized",
    "misrepresented",
)


def demo(
    data: Annotated[Path, typer.Option(metavar="DIR", help="Folder of labelled images.")] = Path("sample_data"),
    out: Annotated[Path, typer.Option(metavar="DIR", help="Audit folder to make.")] = Path("demo-audit"),
    format: Annotated[  # noqa: A002  it is the option's name
        Format | None, typer.Option(help="Default: a table on a terminal, CSV in a pipe.")
    ] = None,
) -> None:
    """Run the whole audit on the sample data: split, train two encoders, export, score every snapshot.

    Takes minutes on two cores; stopped at any moment, the same command goes on from there.
    """
    from dejavu_cli.diagnostics import graceful
    from dejavu_cli.output import STDOUT, choose_format, emit, note, talk
    from dejavu_tui.workflows.demo import run_demo

    chosen = choose_format(format, out=STDOUT)
    with graceful() as stop, talk() as progress:
        scores = run_demo(data, out, announce=lambda line: note(f"$ {line}"), progress=progress, stop=stop)
    emit(scores, format=chosen, shown=_SHOWN)
    note("both: mean of the two directions; E: images that neither encoder saw, expected near 0")
    note(f"see which images:  dejavu-tui browse {out}")
    note(f"draw the curve:    dejavu plot confidence {out} -o confidence.png")
    note(f"all numbers:       dejavu score {out} --epochs-sweep --format table")
