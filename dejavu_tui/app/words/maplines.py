"""The words around the map."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from textual.content import Content

from dejavu_tui.app.plane.plane import Area, Whole
from dejavu_tui.app.widgets.table import KIND_STYLES
from dejavu_tui.app.words.signs import KIND_SIGNS
from dejavu_tui.records import KINDS
from dejavu_tui.text import safe_text

_LEGENDS = (
    ("reference confidence, nats", "{sign} {kind} {number:,}"),
    ("reference, nats", "{sign} {kind} {number:,}"),
    ("reference, nats", "{sign} {kind}"),
    ("reference, nats", "{sign} {number:,}"),
    ("reference", "{sign}{number:,}"),
)
"""Name of the upright axis, and what is said of each kind: the first that fits is taken."""
_NAME = 6
"""Letters of the name of a class that should be read."""
_HINTS = (
    "space or a drag of the mouse begins a box, + zooms, enter browses the image",
    "space: box  +: zoom  enter: Browse",
)


def legend(kinds: Whole, *, width: int) -> Content:
    """The name of the upright axis, and of each kind that is drawn sign, colour and number."""
    counts = dict(zip(KINDS, np.bincount(kinds, minlength=len(KINDS)).tolist(), strict=True))
    seen = {kind: number for kind, number in counts.items() if number}
    for name, form in _LEGENDS:
        told = Content.styled(name, "$text-muted")
        for kind, number in seen.items():
            text = form.format(sign=KIND_SIGNS[kind], kind=kind, number=number)
            told = Content.assemble(told, "  ", (text, _style(KIND_STYLES[kind])))
        if told.cell_length <= width:
            break
    return told


def near(row: Mapping[str, Any], others: int, *, width: int) -> Content:
    """The image nearest to the cursor, a `row` of SAMPLES, and how many `others` its cell holds."""
    kind = row["kind"]
    target, reference = (row[f"{role}_confidence"] + 0.0 for role in ("target", "reference"))
    number, sign = str(row["image_id"]), KIND_SIGNS[kind]
    more = f"  +{others:,} here" if others > 0 else ""
    forms = (
        (f"{sign} {kind}", f"  target {target:.3f}, reference {reference:.3f} nats"),
        (f"{sign} {kind}", f"  target {target:.3f}, ref. {reference:.3f}"),
        (sign, f"  {target:.2f}, {reference:.2f}"),
        (sign, ""),
    )
    rooms = [width - len(number) - len(what) - len(numbers) - len(more) - 4 for what, numbers in forms]
    place = next((i for i, room in enumerate(rooms) if room >= _NAME), len(forms) - 1)
    what, numbers = forms[place]
    told = Content.assemble(
        (number, "bold"), f"  {safe_text(row['label_name'], limit=max(rooms[place], 4))}  ",
        (what, _style(KIND_STYLES[kind])), numbers, (more, "$text-muted"),
    )  # fmt: skip
    return told.truncate(max(width, 1), ellipsis=True)


def box(area: Area | None, inside: int, *, width: int) -> Content:
    """How many images are in the box and what enter makes of it; what can be done where there is none."""
    if area is None:
        return Content.styled(next((hint for hint in _HINTS if len(hint) <= width), ""), "$text-muted")
    counted = f"{inside:,} in the box"
    edges = "  ".join(area.terms)
    forms = (
        f"  {edges}  enter browses them, + zooms there, esc drops the box",
        f"  {edges}  enter + esc",
        "  enter + esc",
        "",
    )
    rest = next(form for form in forms if len(counted) + len(form) <= width or not form)
    return Content.assemble((counted, "bold"), (rest, "$text-muted"))


def _style(style: str) -> str:
    return style.replace("dim", "$text-muted")
