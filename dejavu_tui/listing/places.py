"""The attacked images that a filter lets through, in the order asked for."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dejavu_tui.config import nearest
from dejavu_tui.errors import FilterError, RequestError
from dejavu_tui.listing.fields import FIELDS, SORTS, FieldType
from dejavu_tui.listing.language import Filter, Operator, Term, interval, parse
from dejavu_tui.records import KINDS, Kind
from dejavu_tui.text import safe_text

Names: TypeAlias = Mapping[int, str]
"""Class name by label."""
Tagged: TypeAlias = Mapping[int, frozenset[str]]
"""Tags by image id."""

_COMPARE: Mapping[Operator, Callable[[pl.Expr, float], pl.Expr]] = {
    Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le,
    Operator.MORE: operator.gt,
    Operator.AT_LEAST: operator.ge,
}


@dataclass(frozen=True)
class Listing:
    """Which images are listed, and in which order: by the field `sort`, equal ones by image id."""

    filter: Filter
    sort: str
    descending: bool


OPENING = Listing(parse("kind:memorized"), sort="conf", descending=True)
"""What is listed first: the memorized images, the most confident target encoder first."""


def places(samples: pl.DataFrame, listing: Listing, *, names: Names, tags: Tagged) -> NDArray[np.int64]:
    """Return the rows (n,) of `samples` (table SAMPLES in order of image_id) that are listed, in order.

    Classes sort as in the audit, kinds as in KINDS. Images of E are control images (METHOD section 1) and are
    listed only if a term `part:` names E.

    Raises FilterError: no class of that name; RequestError: no such field to sort by.
    """
    check(listing, names=names)
    listed = (
        samples.lazy()
        .select(_order(listing.sort).alias("by"), _kept(listing.filter, names=names, tags=tags).alias("keep"))
        .with_row_index("place")
        .filter("keep")
        .sort("by", descending=listing.descending, maintain_order=True)
        .select(pl.col("place").cast(pl.Int64))
        .collect()
    )
    return listed["place"].to_numpy()


def check(listing: Listing, *, names: Names) -> None:
    """Look whether `listing` can be had of an audit with these classes; `places` looks too.

    Raises FilterError: no class of that name; RequestError: no such field to sort by.
    """
    if listing.sort not in SORTS:
        raise RequestError(f"cannot sort by '{safe_text(listing.sort)}'", fix=nearest(listing.sort, SORTS))
    known = {name.lower() for name in names.values()}
    for term in listing.filter.terms:
        if term.field and FIELDS[term.field].type is FieldType.CLASS and term.operator is Operator.IS:
            for value in term.values:
                if value.lower() not in known:
                    shown = safe_text(value, limit=40)
                    raise FilterError(f"no class '{shown}'", fix=nearest(value, names.values()), span=term.span)


def of_each_kind(samples: pl.DataFrame, typed: Filter, *, names: Names, tags: Tagged) -> dict[Kind, int]:
    """Return how many images there are of each kind among those that the filter without its `kind:` terms lists."""
    wider = replaced(typed, "kind", ())
    counts = samples.lazy().filter(_kept(wider, names=names, tags=tags)).group_by("kind").len().collect()
    found = dict(counts.iter_rows())
    return {kind: found.get(kind, 0) for kind in KINDS}


def each_alone(samples: pl.DataFrame, typed: Filter, *, names: Names, tags: Tagged) -> tuple[tuple[Term, int], ...]:
    """Return how many images each term of a filter would list if it were the only one: which of them lists none.

    Images of E count if the whole filter names E.
    """
    held = [
        (_listable(typed) & _holds(term, names=names, tags=tags)).sum().alias(str(place))
        for place, term in enumerate(typed.terms)
    ]
    counts = samples.lazy().select(held).collect().row(0) if held else ()
    return tuple(zip(typed.terms, counts, strict=True))


def replaced(typed: Filter, field: str, values: Sequence[str]) -> Filter:
    """Return the filter with its `field:` terms replaced by one of `values`; no values: without them.

    The new term stands where the first of them stood, else at the end. Raises FilterError: no such field or value.
    """
    new = [Term(field, Operator.IS, tuple(values))] if values else []
    at = next((i for i, term in enumerate(typed.terms) if _is_of(term, field)), len(typed.terms))
    before, after = typed.terms[:at], typed.terms[at:]
    terms = (*before, *new, *(term for term in after if not _is_of(term, field)))
    return parse(str(Filter(terms)))  # checked, and each term knows its span


def of_field(typed: Filter, field: str) -> tuple[str, ...]:
    """Return the values that the `field:` terms let through; () if there is no such term."""
    asked = [term.values for term in typed.terms if _is_of(term, field) and not term.negated]
    return tuple(value for value in asked[0] if all(value in other for other in asked)) if asked else ()


def _is_of(term: Term, field: str) -> bool:
    return term.field == field and term.operator is Operator.IS


def _kept(typed: Filter, *, names: Names, tags: Tagged) -> pl.Expr:
    held = (_holds(term, names=names, tags=tags) for term in typed.terms)
    return pl.all_horizontal([_listable(typed), *held])


def _listable(typed: Filter) -> pl.Expr:
    """Leave E out unless a term names it: its images are control images, which no encoder saw."""
    named = any(term.field == "part" and not term.negated and "E" in term.values for term in typed.terms)
    return pl.lit(True) if named else pl.col("part") != "E"


def _order(sort: str) -> pl.Expr:
    if sort == "path":
        return pl.col("image_id")  # ids are the places of the paths in byte order, and quicker to sort
    if sort == "class":
        return pl.col("label")
    field = FIELDS[sort]
    by = pl.col(field.column)
    if field.type is FieldType.CHOICE:
        return by.replace_strict(list(field.choices), range(len(field.choices)), return_dtype=pl.Int8)
    return by


def _holds(term: Term, *, names: Names, tags: Tagged) -> pl.Expr:
    if not term.field:
        found = _anywhere(term.values[0], names=names, tags=tags)
    else:
        field = FIELDS[term.field]
        column = pl.col("label" if term.field == "class" else field.column)
        match field.type:
            case FieldType.NUMBER:
                found = _number(column, term)
            case FieldType.TEXT:
                found = _text(column, term.operator, term.values)
            case FieldType.CHOICE:
                found = column.is_in(term.values)
            case FieldType.CLASS:
                found = _among(column, _labels(term, names))
            case FieldType.TAGS:
                found = _among(pl.col("image_id"), _tagged(term, tags))
    return ~found if term.negated else found


def _number(column: pl.Expr, term: Term) -> pl.Expr:
    if term.operator is not Operator.IS:
        return _COMPARE[term.operator](column, float(term.values[0]))
    ends = [found for found in map(interval, term.values) if found]
    single = [low for low, high in ends if low == high]
    ranges = [column.is_between(low, high) for low, high in ends if low < high]
    points = [column.cast(pl.Float64).is_in(single)] if single else []
    return pl.any_horizontal(ranges + points)


def _text(column: pl.Expr, how: Operator, values: Sequence[str]) -> pl.Expr:
    if how is Operator.IS:
        return column.str.to_lowercase().is_in([value.lower() for value in values])
    patterns = [f"(?i){pl.escape_regex(value)}" for value in values]  # twice as quick as lower case, and smaller
    return pl.any_horizontal([column.str.contains(pattern) for pattern in patterns])


def _labels(term: Term, names: Names) -> list[int]:
    lowered = {label: name.lower() for label, name in names.items()}
    return [label for label, name in lowered.items() if _says(term, name)]


def _tagged(term: Term, tags: Tagged) -> list[int]:
    every = term.operator is Operator.IS and "*" in term.values
    sets = {given for given in set(tags.values()) if any(every or _says(term, tag.lower()) for tag in given)}
    return [image_id for image_id, given in tags.items() if given in sets]


def _says(term: Term, lowered: str) -> bool:
    if term.operator is Operator.IS:
        return any(value.lower() == lowered for value in term.values)
    return any(value.lower() in lowered for value in term.values)


def _anywhere(word: str, *, names: Names, tags: Tagged) -> pl.Expr:
    term = Term("", Operator.CONTAINS, (word,))
    labels = _labels(term, names)
    found = _text(pl.col("path"), Operator.CONTAINS, (word,)) | _among(pl.col("image_id"), _tagged(term, tags))
    for column in ("label", "target_guess", "reference_guess"):
        found |= _among(pl.col(column), labels)
    return found


def _among(column: pl.Expr, values: Sequence[int]) -> pl.Expr:
    return column.is_in(values) if values else pl.lit(False)
