"""The words of the screen on which pictures are asked about."""

from textual.content import Content

from dejavu_tui.app.acts.asking import Asked
from dejavu_tui.app.desk import Desk
from dejavu_tui.app.pixels.cropframe import CropFrame
from dejavu_tui.app.pixels.raster import CROP_COLOUR
from dejavu_tui.text import safe_text

ASKING = Content.styled("asking the index…", "$text-muted")
_PACE = 1000
"""Vectors that an index takes in each second: measured with 54,000 of 128 numbers, on two busy cores."""


def asked_about(asked: Asked | None, frame: CropFrame | None, *, why: str, width: int) -> Content:
    """Which picture it is and what of it is asked about, in `width` cells; `why` it is none."""
    if why:
        return Content(safe_text(why)).truncate(max(width, 1), ellipsis=True)
    if asked is None or frame is None:
        return Content.styled("i: type or paste the path of a picture", "$text-muted")
    crop = "whole picture" if frame.whole else "crop {},{},{},{}".format(*_edges(frame))
    right = f"  {asked.width}x{asked.height}  {crop}"
    if asked.image_id is None:
        left = Content.assemble((safe_text(asked.path.name), "bold"), ("  not of the audit", "$text-muted"))
    else:
        part = f"  in {asked.part}" if asked.part else "  in no part"
        left = Content.assemble(
            (str(asked.image_id), "bold"), f"  {safe_text(asked.label_name or '')}", (part, "$text-muted")
        )
    room = max(width - len(right), 1)
    shown = left.truncate(room, ellipsis=True, pad=True) + Content.styled(right, "$text-muted")
    return shown.truncate(max(width, 1), ellipsis=True)


def legend(asked: Asked, frame: CropFrame, *, width: int) -> Content:
    """What the frame holds, and its name if it is one of the presets."""
    if frame.whole:
        lines = [Content("arrows or p: a crop"), Content("")]
    else:
        box = frame.box
        size = f" crop {box.width}x{box.height}"
        name = next((name for name, preset in asked.crops if preset == box), "")
        style = "bold rgb({},{},{})".format(*CROP_COLOUR)
        lines = [Content.assemble(("━━", style), size), Content.styled(name, "$text-muted")]
    return Content("\n").join(line.truncate(max(width, 1), ellipsis=True) for line in lines)


def lacking(desk: Desk) -> Content:
    """That there is no index, and what it takes to build one."""
    public = len(desk.view.images)
    return Content.assemble(
        ("No index of X yet at this snapshot.\n\n", "bold"),
        ("b", "bold $accent"),
        f" builds it under SSL_A and SSL_B, {_time(2 * public / _PACE)} or so, and keeps it. b again stops.",
    )


def _time(seconds: float) -> str:
    return f"{max(round(seconds), 1)} s" if seconds < 100 else f"{round(seconds / 60)} min"


def _edges(frame: CropFrame) -> tuple[int, int, int, int]:
    return frame.box.x0, frame.box.y0, frame.box.x1, frame.box.y1
