"""The words around the table and under the picture."""

from textual.content import Content

from dejavu_tui.app.listing import Asked
from dejavu_tui.app.raster import BOX_COLOUR, CROP_COLOUR, Rgb
from dejavu_tui.app.samples import Sample
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.browse import BrowseView


def top(view: BrowseView, asked: Asked, *, listed: int, marked: int, busy: str, width: int) -> Content:
    """What is looked at, and at the right end how many of how many images are listed."""
    whole = sum((view.control if asked.control else view.attacked).values())
    count = f"{listed:,} of {whole:,} {'control' if asked.control else 'attacked'} images"
    if marked:
        count = f"{marked:,} marked  {count}"
    filters = []
    if asked.label is not None:
        filters.append(f"class {safe_text(view.label_names[asked.label], limit=20)}")
    if asked.text:
        filters.append(f"/{safe_text(asked.text, limit=20)}")
    right = Content("  ").join([*(Content.styled(text, "bold $text-accent") for text in filters), Content(count)])
    place = f"epoch {view.epoch}"
    room = max(width - right.cell_length - 2, 0)
    if busy:
        left = Content.assemble(place, (f"  {safe_text(busy)}", "bold $text-warning"))
    else:
        name = safe_text(view.run, limit=min(max(room - len(place) - 3, 1), 40))
        layer = (f"  {safe_text(view.layer)}  k {view.k}", "$text-muted")
        left = Content.assemble((name, "bold"), f"  {place}")
        left += Content.assemble(layer) if left.cell_length + len(layer[0]) <= room else ""
    left = left.truncate(room, ellipsis=True)
    return left + " " * max(width - left.cell_length - right.cell_length, 1) + right


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


def nothing(view: BrowseView, asked: Asked) -> Content:
    """Why the table is empty, and the key that helps."""
    if view.samples.is_empty():
        return Content("No image of this audit is attacked: none has a crop.")
    wanted = ["control" if asked.control else "attacked", "image"]
    if asked.label is not None:
        wanted.append(f"of class {safe_text(view.label_names[asked.label], limit=40)}")
    if asked.text:
        wanted.append(f"with {safe_text(asked.text, limit=40)!r} in path, class or guess")
    found = f"is {asked.kind}" if asked.kind else "is there"
    narrowed = asked.text or asked.label is not None or asked.control
    why = [f"At epoch {view.epoch} no {' '.join(wanted)} {found}."]
    if narrowed:
        why.append("esc takes the last filter away.")
    if asked.kind:
        why.append("a shows all kinds.")
    return Content("\n".join(why))


def _style(colour: Rgb) -> str:
    return "bold rgb({},{},{})".format(*colour)
