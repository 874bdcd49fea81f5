"""The words of the screen on which an image is compared with itself at other points."""

from textual.content import Content

from dejavu_tui.app.course import Course, Station
from dejavu_tui.app.desk import Desk
from dejavu_tui.app.pixels.raster import BOX_COLOUR, CROP_COLOUR, Rgb
from dejavu_tui.app.samples import Sample
from dejavu_tui.app.widgets.pointpanel import NEW
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.trace import Over


def heading(desk: Desk, over: Over, *, width: int) -> Content:
    """Which image it is, in `width` cells, and what it is followed over."""
    right = f" over {over} (m)"
    row = desk.row
    if row is not None and width >= 60:
        right = f" {row + 1:,} of {len(desk.listed):,} {right}"
    others = len(desk.selected) - (desk.image_id in desk.selected)
    if others and width >= 60:
        right = f" {len(desk.selected):,} selected {right}"
    if desk.image_id is None:
        return Content("")
    path, name = desk.view.image(desk.image_id)
    mark = ("● ", "bold $text-warning") if desk.image_id in desk.selected else ""
    left = Content.assemble(
        mark,
        (str(desk.image_id), "bold"),
        f"  {safe_text(name)}",
        *((f" #{safe_text(tag)}", "bold $text-warning") for tag in sorted(desk.tags.get(desk.image_id, ()))),
        (f"  {safe_text(path)}", "$text-muted"),
    )
    room = max(width - len(right), 1)
    shown = left.truncate(room, ellipsis=True, pad=True) + Content.styled(right, "$text-muted")
    return shown.truncate(max(width, 1), ellipsis=True)


def legend(line: Course, place: int, sample: Sample, *, width: int) -> Content:
    """What the lines on the picture are, and what the stars at neighbours mean."""
    before = line.before(place)
    star = f"{NEW} {_since(before, line.over)}" if before else ""
    marks = Content.assemble(("━━", _style(CROP_COLOUR)), " crop  ")
    if sample.boxes:
        marks += Content.assemble(("╍╍", _style(BOX_COLOUR)), " box")
    shown = marks, Content.styled(star, "$text-muted")
    return Content("\n").join(part.truncate(max(width, 1), ellipsis=True) for part in shown)


def _since(before: Station, over: Over) -> str:
    name = safe_text(before.name(over))
    return {"epochs": f"new since epoch {name}", "layers": f"not at {name}", "runs": f"not in {name}"}[over]


def _style(colour: Rgb) -> str:
    return "bold rgb({},{},{})".format(*colour)
