"""What a split, and an audit after it, will need of disk and memory."""

from dataclasses import dataclass
from io import BytesIO

from dejavu_tui.tables import Table
from dejavu_tui.workflows.split_plan import Plan

NUMBERS = 512
"""Of the embedding that is reckoned with."""
_BYTES, _ENCODERS = 4, 2


@dataclass(frozen=True)
class Needs:
    """Bytes: of the audit's tables on disk, of the embeddings of a snapshot at one layer of NUMBERS under both
    encoders on disk, and of those of X under one in memory while its neighbours are searched.
    """

    tables: int
    embeddings: int
    public: int


def needs_of(plan: Plan) -> Needs:
    """Return what `plan` will need."""
    rows = {row.part: row for row in plan.summary().parts}
    public = rows["X"].images * NUMBERS * _BYTES
    crops = sum(row.attacked for row in rows.values()) * NUMBERS * _BYTES
    tables = sum(_on_disk(table, plan) for table in plan.tables())
    return Needs(tables, _ENCODERS * (public + crops), public)


def _on_disk(table: Table, plan: Plan) -> int:
    file = BytesIO()
    table.write(plan.tables()[table], file)
    return file.tell()
