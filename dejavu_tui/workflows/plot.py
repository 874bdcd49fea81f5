"""A figure of an audit as a picture, with its numbers beside it."""

from pathlib import Path

from dejavu_tui.artefacts import write_atomically
from dejavu_tui.errors import MeasurementError, RequestError
from dejavu_tui.plots import load_figure
from dejavu_tui.records import Progress, Stop, never, silent
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.pairs import LAYER
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workspace import Audit

SUFFIX = ".png"


def plot(
    audit: Audit,
    figure: str,
    out: Path,
    *,
    run: str | None = None,
    epoch: int | None = None,
    layer: str = LAYER,
    k: int | None = None,
    progress: Progress = silent,
    stop: Stop = never,
) -> tuple[Path, Path]:
    """Draw `figure` into the PNG file `out`, write its numbers to the CSV file beside it, and return both paths.

    Raises RequestError: no such figure, `out` is no .png or its folder is missing; MeasurementError: no number to
    draw; and all that `score_run` raises.
    """
    module = load_figure(figure)
    if out.suffix.lower() != SUFFIX:
        raise RequestError("a figure is written as PNG", where=safe_text(str(out)), fix="name it FILE.png")
    if not out.parent.is_dir():
        raise RequestError("no such folder", where=safe_text(str(out.parent)), fix="make it first")
    scores = score_run(
        audit,
        run=run,
        epochs=None if epoch is None else (epoch,),
        layers=(layer,),
        ks=None if k is None else (k,),
        tops=range(1, 101),
        progress=progress,
        stop=stop,
    )
    curve = scores.filter(direction="both")
    if curve["dejavu_score"].null_count():
        raise MeasurementError("there is nothing to draw", where=audit.root, fix=f"it says: {curve['note'][0]}")
    from dejavu_tui.plots.render import png

    numbers = out.with_suffix(".csv")
    write_atomically(out, png(module.draw(curve.select(module.NEEDS))))
    write_atomically(numbers, curve.select(module.NEEDS).write_csv(line_terminator="\n").encode())
    return out, numbers
