"""The words around the table and under the picture."""

import math
from collections.abc import Collection

from rich.cells import cell_len
from textual.content import Content

from dejavu_tui.app.desk import Desk
from dejavu_tui.app.pixels.raster import BOX_COLOUR, CROP_COLOUR, Rgb
from dejavu_tui.app.samples import Sample
from dejavu_tui.listing.language import Term
from dejavu_tui.listing.places import each_alone
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


def facts(sample: Sample, *, width: int, only_crop: bool, tags: Collection[str] = ()) -> Content:
    """Id, class and part of the image, what the lines on it are, and its tags."""
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
    shown = [first, legend]
    if tags:
        shown.append(Content.styled(" ".join(f"#{safe_text(tag)}" for tag in sorted(tags)), "bold $text-warning"))
    return Content("\n").join(line.truncate(max(width, 1), ellipsis=True) for line in shown)


def path(sample: Sample, *, width: int) -> Content:
    """Path of the image; of a long one the end."""
    shown = safe_text(sample.path)
    if len(shown) > width:
        shown = "…" + shown[max(len(shown) - width + 1, 0) :]
    return Content.styled(shown, "$text-muted")


def nothing(desk: Desk, *, typing: bool) -> Content:
    """Why nothing is listed: what each term would list alone, and the keys that help; others while it is typed."""
    view, typed = desk.view, desk.listing.filter
    if view.samples.is_empty():
        return Content("No image of this audit is attacked: none has a crop.")
    why = [f"No image is listed at epoch {view.epoch}."]
    alone = each_alone(view.samples, typed, names=view.label_names, tags=desk.tags)
    why += [_alone(term, number) for term, number in alone]
    if len(alone) > 1:
        why[1:1] = ["Each term alone:"]
    if typing:
        why.append("esc lists what was listed before.")
        return Content("\n".join(why))
    if any(term.field != "kind" for term in typed.terms):
        why.append("esc takes the last term away, / changes the filter.")
    if any(term.field == "kind" for term in typed.terms):
        why.append("a shows all kinds.")
    return Content("\n".join(why))


def _alone(term: Term, number: int) -> str:
    shown = f"{safe_text(str(term), limit=60)} lists {number:,}"
    return shown if term.field or number else f"{shown}: no path, class, guess or tag holds it"


def _style(colour: Rgb) -> str:
    return "bold rgb({},{},{})".format(*colour)
