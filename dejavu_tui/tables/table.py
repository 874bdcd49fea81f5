"""A table: columns, types, key and meaning, checked whenever one is written or read."""

from dataclasses import dataclass
from pathlib import Path
from typing import IO

import polars as pl

from dejavu_tui.errors import ArtefactError


@dataclass(frozen=True)
class Column:
    """One column: its type, whether it may be empty, and what it means."""

    name: str
    dtype: pl.DataType | type[pl.DataType]
    meaning: str
    nullable: bool = False


@dataclass(frozen=True)
class Table:
    """A named table; rows are told apart by `key`, never by their order."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def schema(self) -> pl.Schema:
        """Column names and types, in order."""
        return pl.Schema({column.name: column.dtype for column in self.columns})

    def check(self, frame: pl.DataFrame, *, where: str | Path | None = None) -> pl.DataFrame:
        """Return `frame` if it is such a table.

        Raises ArtefactError: other columns or types, an empty field where none may be, a key that stands twice.
        """
        place = where or f"table {self.name}"
        if frame.schema != self.schema:
            raise ArtefactError(_schema_difference(frame.schema, self.schema), where=place, fix=_REMAKE)
        for column in self.columns:
            if not column.nullable and frame[column.name].null_count():
                raise ArtefactError(f"column {column.name} has empty fields", where=place, fix=_REMAKE)
        if self.key and frame.select(self.key).is_duplicated().any():
            raise ArtefactError(f"key {', '.join(self.key)} stands twice", where=place, fix=_REMAKE)
        return frame

    def write(self, frame: pl.DataFrame, path: Path | IO[bytes]) -> None:
        """Check `frame` and write it to `path`, or into an open file, as Parquet."""
        where = path if isinstance(path, Path) else None
        self.check(frame, where=where).write_parquet(path, compression="zstd", statistics=False)

    def read(self, path: Path) -> pl.DataFrame:
        """Read and check the Parquet file at `path`. Raises ArtefactError if it is damaged or another table."""
        try:
            frame = pl.read_parquet(path, glob=False)  # a folder may be called `audit[1]`
        except (OSError, pl.exceptions.PolarsError):
            raise ArtefactError(f"not a readable {self.name} table", where=path, fix=_REMAKE) from None
        return self.check(frame, where=path)


_REMAKE = "remove it and run the command that makes it again"


def _schema_difference(got: pl.Schema, wanted: pl.Schema) -> str:
    if list(got) != list(wanted):
        missing = [name for name in wanted if name not in got]
        extra = [name for name in got if name not in wanted]
        return f"other columns than expected (missing: {missing or 'none'}, extra: {extra or 'none'})"
    other = next(name for name in wanted if got[name] != wanted[name])
    return f"column {other} is {got[other]}, not {wanted[other]}"
