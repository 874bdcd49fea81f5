"""A contact sheet: pictures with their boxes and crops, a few lines of text under each."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFont

from dejavu_tui.images.boxes import Box
from dejavu_tui.text import safe_text

Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont
SIDE = 192
"""Pixels of the square that a picture is fitted into."""
COLUMNS = 5
_GAP = 12
_LINE = 17
_DASH = 6
_PAPER, _INK, _BOX, _CROP = "white", "black", "#d95f02", "#0b60b0"
CROP_LEGEND = "dashed line: the background crop that encoders are asked about"
LEGEND = f"solid line: box of the object; {CROP_LEGEND}"


@dataclass(frozen=True)
class Cell:
    """One picture as `fitted` gives it, None where it cannot be read; boxes and crop in pixels of the image as it
    is stored, `size` its width and height; `lines` of text.
    """

    picture: Image.Image | None
    size: tuple[int, int]
    boxes: tuple[Box, ...]
    crop: Box | None
    lines: tuple[str, ...]


def fitted(picture: Image.Image) -> Image.Image:
    """Return `picture` in the size that a cell shows, so that a page of large ones is kept in little memory."""
    scale = SIDE / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    how = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.LANCZOS
    return picture.resize(size, how)


def page(cells: Sequence[Cell], *, heading: Sequence[str]) -> bytes:
    """Return one sheet of `cells` as PNG, COLUMNS beside each other, under the lines `heading`.

    Text may come from files: it is made safe, and cut to the room there is.
    """
    font = ImageFont.load_default(size=13)  # the one that Pillow ships
    rows = [cells[start : start + COLUMNS] for start in range(0, len(cells), COLUMNS)]
    texts = max((len(cell.lines) for cell in cells), default=0)
    width = COLUMNS * (SIDE + _GAP) + _GAP
    top = len(heading) * _LINE + 2 * _GAP
    step = SIDE + texts * _LINE + 2 * _GAP
    sheet = Image.new("RGB", (width, top + len(rows) * step), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for place, line in enumerate(heading):
        draw.text((_GAP, _GAP + place * _LINE), _fitting(line, font, width - 2 * _GAP), fill=_INK, font=font)
    for row, group in enumerate(rows):
        for column, cell in enumerate(group):
            x, y = _GAP + column * (SIDE + _GAP), top + row * step
            _paste(sheet, draw, cell, x, y, font)
            for place, line in enumerate(cell.lines):
                text = _fitting(line, font, SIDE)
                draw.text((x, y + SIDE + 4 + place * _LINE), text, fill=_INK, font=font)
    buffer = BytesIO()
    sheet.save(buffer, "PNG")
    return buffer.getvalue()


def _paste(sheet: Image.Image, draw: ImageDraw.ImageDraw, cell: Cell, x: int, y: int, font: Font) -> None:
    """Draw the picture of `cell`, its boxes and its crop with the upper left corner at (x, y)."""
    if cell.picture is None:
        draw.rectangle((x, y, x + SIDE - 1, y + SIDE - 1), outline=_INK)
        draw.text((x + _GAP, y + SIDE // 2), "cannot be read", fill=_INK, font=font)
        return
    sheet.paste(cell.picture, (x, y))
    across, down = cell.picture.width / cell.size[0], cell.picture.height / cell.size[1]

    def placed(box: Box) -> tuple[int, int, int, int]:
        x0, y0 = x + round(box.x0 * across), y + round(box.y0 * down)
        x1, y1 = x + round(box.x1 * across) - 1, y + round(box.y1 * down) - 1
        return x0, y0, max(x0, x1), max(y0, y1)  # a small box of a large image is a point

    for box in cell.boxes:
        draw.rectangle(placed(box), outline=_BOX, width=2)
    if cell.crop is not None:
        _dashed(draw, *placed(cell.crop))


def _dashed(draw: ImageDraw.ImageDraw, x0: int, y0: int, x1: int, y1: int) -> None:
    draw.rectangle((x0, y0, x1, y1), outline=_PAPER, width=2)  # so that dashes are seen on any ground
    for start in range(x0, x1, 2 * _DASH):
        end = min(start + _DASH, x1)
        for y in (y0, y1 - 1):
            draw.rectangle((start, y, end, y + 1), fill=_CROP)
    for start in range(y0, y1, 2 * _DASH):
        end = min(start + _DASH, y1)
        for x in (x0, x1 - 1):
            draw.rectangle((x, start, x + 1, end), fill=_CROP)


def _fitting(text: str, font: Font, room: int) -> str:
    """Return `text` made safe; of one wider than `room` pixels the beginning and an ellipsis."""
    shown = safe_text(text, limit=200)
    if font.getlength(shown) <= room:
        return shown
    while shown and font.getlength(f"{shown}…") > room:
        shown = shown[:-1]
    return f"{shown}…"
