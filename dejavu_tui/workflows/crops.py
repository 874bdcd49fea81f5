"""A contact sheet of images with their boxes and crops, to look at before anything is trained."""

from pathlib import Path

from dejavu_tui.artefacts import write_atomically
from dejavu_tui.records import Progress, Stop, never, silent
from dejavu_tui.workflows.collect import check_free
from dejavu_tui.workflows.sheets import crop_sheet
from dejavu_tui.workspace import Audit

WARNING = "Training images of an audit: private data, to be handled as such."


def draw_crops(
    audit: Audit, out: Path, *, count: int, replace: bool = False, progress: Progress = silent, stop: Stop = never
) -> list[str]:
    """Write up to `count` images of A, B and E to `out`, a PNG file that only the user may read; return the paths
    that cannot be read. What stands there is replaced only with `replace`.

    Raises RequestError: a place that is taken or cannot be; ArtefactError: the image folder is not there;
    StoppedError.
    """
    check_free(out, folder=False, replace=replace)
    png, unreadable = crop_sheet(audit, count=count, warning=WARNING, progress=progress, stop=stop)
    write_atomically(out, png)
    return unreadable
