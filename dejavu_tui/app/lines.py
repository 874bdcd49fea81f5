"""The words around the table and under the picture."""

import math

from rich.cells import cell_len
from textual.content import Content

from dejavu_tui.app.desk import Desk
from dejavu_tui.app.raster import BOX_COLOUR, CROP_COLOUR, Rgb
from dejavu_tui.app.samples import Sample
from dejavu_tui.text import safe_text

_NAME, _BAR = 28, 12


def count(desk: Desk) -> Content:
    """How many of how many images are listed, and how many are selected."""
    whole = sum((desk.view.control if desk.of_control else desk.view.attacked).values())
    shown = Content(f"{len(desk.listed):,} of {whole:,}{' control' if desk.of_control else ''}")
    if desk.selected:
        shown = Content.styled(f"{len(desk.selected):,} selected  ", "bold $text-warning") + shown
    return shown


def images(number: int) -> str:
    """Say how many images."""
    return f"{number:,} image{'' if number == 1 else 's'}"


def option(name: str, number: int, *, most: int) -> Content:
    """A class or a tag to choose, and how many images it has, as a bar too; `most` is a whole bar."""
    shown = safe_text(name, limit=_NAME)
    bar = "▇" * math.ceil(_BAR * number / max(most, 1))
    blanks = " " * (_NAME - cell_len(shown))
    return Content.assemble(shown, blanks, (f" {bar:<{_BAR}} ", "$accent"), f"{number:,}")


def facts(sample: Sample, *, width: int, only_crop: bool) -> Content:
    """Id, class and part of the image, and what the lines on it are."""
    name = safe_text(sample.label_name, limit=max(width - 12, 6))
    first = Content.assemble((f"{sample.image_id}", "bold"), f"  {name}  ", (f"in {sample.part}", "$text-muted"))
    x0, y0, x1, y1 = sample.crop
    size = f"{x1 - x0}x{y1 - y0}"
    if only_crop:
        legend = Content(f"only the crop, {size}")
    else:
        legend = Content.assemble(("━━", _style(CROP_COLOUR)), f" crop {size}  ")
        if sample.boxes:
            legend += Content.assemble(("╍╍", _style(BOX_COLOUR)), " box")
    return Content("\n").join(line.truncate(max(width, 1), ellipsis=True) for line in (first, legend))


def path(sample: Sample, *, width: int) -> Content:
    """Path of the image; of a long one the end."""
    shown = safe_text(sample.path)
    if len(shown) > width:
        shown = "…" + shown[max(len(shown) - width + 1, 0) :]
    return Content.styled(shown, "$text-muted")


def nothing(desk: Desk) -> Content:
    """Why nothing is listed, and the keys that help."""
    view, typed = desk.view, desk.listing.filter
    if view.samples.is_empty():
        return Content("No image of this audit is attacked: none has a crop.")
    why = [f"At epoch {view.epoch} no attacked image is {safe_text(str(typed), limit=200)}"]
    if any(term.field != "kind" for term in typed.terms):
        why.append("esc takes the last term of the filter away, / changes it.")
    if any(term.field == "kind" for term in typed.terms):
        why.append("a shows all kinds.")
    return Content("\n".join(why))


def _style(colour: Rgb) -> str:
    return "bold rgb({},{},{})".format(*colour)
