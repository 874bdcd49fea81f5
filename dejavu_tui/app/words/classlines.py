"""The classes of one snapshot as a table for people: columns, order, and one class in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import polars as pl
from textual.content import Content

from dejavu_tui.app.widgets.ledger import Column
from dejavu_tui.app.widgets.table import KIND_STYLES
from dejavu_tui.app.words.runlines import percent
from dejavu_tui.records import KINDS
from dejavu_tui.scores.classes import class_rows
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.browse import BrowseView

FEW = 10
"""Shares of fewer images than this say little."""
_WIDE = 60
"""Cells from which on there is room for whole sentences."""
_EIGHTHS = " ▏▎▍▌▋▊▉"
Direction: TypeAlias = Literal["both", "E"]


@dataclass(frozen=True)
class ClassLine:
    """A row of `class_rows`, and the smallest and largest gap of all rows, `low` <= 0 <= `high`, for its bar."""

    values: Mapping[str, Any]
    low: float
    high: float

    @property
    def name(self) -> str:
        """The class, as the audit spells it."""
        return str(self.values["label_name"])


def class_table(view: BrowseView) -> pl.DataFrame:
    """Return the rows of `class_rows` of all attacked images of `view`, as `dejavu classes` counts them."""
    names = pl.DataFrame({"label": list(view.label_names), "label_name": list(view.label_names.values())})
    return class_rows(view.samples.select("part", "label", "target_hit", "reference_hit"), names)


def class_lines(
    table: pl.DataFrame, *, direction: Direction, holds: str, sort: str, descending: bool
) -> tuple[ClassLine, ...]:
    """Return the classes whose name holds `holds`, in any case, sorted by a column; undefined values come last."""
    chosen = table.filter(direction=direction)
    gaps = chosen["gap"].drop_nulls()
    low, high = min(0.0, *gaps, 0.0), max(0.0, *gaps, 0.0)
    found = chosen.filter(pl.col("label_name").str.to_lowercase().str.contains(holds.lower(), literal=True))
    by = found[sort].str.to_lowercase() if sort == "label_name" else found[sort]
    ordered = found[by.arg_sort(descending=descending, nulls_last=True)]
    return tuple(ClassLine(row, low, high) for row in ordered.iter_rows(named=True))


def _share(line: ClassLine, column: str, style: str = "") -> Content:
    return Content.styled(percent(line.values[column]), style)


def _number(line: ClassLine, _: int) -> Content:
    n = line.values["n"]
    return Content(f"({n})" if n < FEW else f"{n:,} ")


def _gap(line: ClassLine, _: int) -> Content:
    gap = line.values["gap"]
    return Content.styled(percent(gap, sign=True), "bold" if gap else "")


def _bar(line: ClassLine, width: int) -> Content:
    return bar(line.values["gap"], low=line.low, high=line.high, width=width)


def bar(gap: float | None, *, low: float, high: float, width: int) -> Content:
    """Return a bar of at most `width` cells from zero to `gap` on an axis from `low` <= 0 to `high` >= 0."""
    cells = (width - 1) / (high - low) if high > low else 0.0
    zero = round(-low * cells)
    eighths = round(8 * cells * abs(gap or 0))
    if (gap or 0) < 0:
        back = min(max(round(eighths / 8), 1), zero)
        return Content.assemble(
            " " * (zero - back), ("▒" * back, KIND_STYLES["misrepresented"]), ("│", "$text-muted")
        )
    whole, rest = divmod(min(eighths, 8 * (width - 1 - zero)), 8)
    return Content.assemble(
        " " * zero, ("│", "$text-muted"), ("█" * whole + _EIGHTHS[rest].strip(), KIND_STYLES["memorized"])
    )


def _kind_column(kind: str, room: int) -> Column[ClassLine]:
    style = KIND_STYLES[kind]
    return Column(kind, (kind,), len(kind) + 1, lambda line, _: _share(line, kind, style), room=room, right=True)


CLASS_COLUMNS: tuple[Column[ClassLine], ...] = (
    Column("label_name", ("class",), 0, lambda line, width: Content(safe_text(line.name, limit=width)), most=30),
    Column("n", ("attacked", "n"), 7, _number, right=True),
    Column("accuracy_target", ("target",), 7, lambda line, _: _share(line, "accuracy_target"), right=True),
    Column("accuracy_reference", ("reference",), 10, lambda line, _: _share(line, "accuracy_reference"), room=54,
           right=True),
    Column("gap", ("gap",), 7, _gap, right=True),
    Column("bar", ("target less reference", "bar of gap", "gap"), 0, _bar, room=74, most=60),
    *map(_kind_column, KINDS, (66, 100, 116, 136)),
)  # fmt: skip

SORTS: Mapping[str, tuple[str, bool]] = {
    "label_name": ("name", False),
    "n": ("attacked images", True),
    "accuracy_target": ("accuracy of the target encoder", True),
    "accuracy_reference": ("accuracy of the reference encoder", True),
    "gap": ("gap: accuracy of the target less that of the reference", True),
    **{kind: (f"share of {kind} images", True) for kind in KINDS},
}
"""Columns that classes can be sorted by: what they are, and whether the largest comes first at first."""


def summary(lines: Sequence[ClassLine], *, direction: Direction, holds: str, width: int) -> Content:
    """Return how many classes and images there are and, in `width` cells, their accuracies together."""
    n = sum(line.values["n"] for line in lines)
    where = "E, which no encoder saw" if direction == "E" else "A and B"
    shown = Content.assemble((f"{len(lines):,}", "bold"), f" class{'' if len(lines) == 1 else 'es'}")
    if holds:
        shown += Content.assemble(" with ", (f"'{safe_text(holds, limit=30)}'", "bold"))
    shown += Content(f"   {n:,} attacked images of {where}" if width >= _WIDE else f"   {n:,} images of {where}")
    if not n or width < _WIDE:
        return shown
    target, reference = (
        sum((line.values[name] or 0) * line.values["n"] for line in lines) / n
        for name in ("accuracy_target", "accuracy_reference")
    )
    return shown + Content.styled(f"   target {percent(target)}  reference {percent(reference)}", "$text-muted")


def in_words(line: ClassLine, *, direction: Direction, width: int) -> Content:
    """Return what one class shows, in words; few of them where `width` is small."""
    values, where = line.values, "E" if direction == "E" else "A and B"
    n = values["n"]
    if not n:
        return Content.assemble((safe_text(line.name), "bold"), f": no image of this class in {where} is attacked.")
    target, reference = percent(values["accuracy_target"]), percent(values["accuracy_reference"])
    memorized = round(values["memorized"] * n)
    if width < _WIDE:
        words = f": {memorized:,} of {n:,} memorized; target {target}, reference {reference}."
    else:
        words = f" is inferred from the background alone for {target} of {n:,} images of {where} by the target "
        words += f"encoder, for {reference} by the reference; {memorized:,} are memorized."
    if n < FEW:
        words += f" Fewer than {FEW} images: that says little."
    return Content.assemble((safe_text(line.name), "bold"), words)
