"""Which images are meant by the options --filter, --view, --sort, --reverse, --kind and --part."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from dejavu_tui.listing.language import Filter
    from dejavu_tui.listing.places import Listing
    from dejavu_tui.workspace import Audit


def asked_listing(
    audit: "Audit",
    *,
    filter: str | None = None,  # noqa: A002  it is the option's name
    view: str | None = None,
    sort: str | None = None,
    reverse: bool = False,
    kinds: Sequence[str] | None = None,
    parts: Sequence[str] = (),
) -> "Listing":
    """Return the listing: terms of view, filter, kinds and parts must all hold; with none, the memorized images.

    Empty `kinds` ask for all of them. A view also brings its order, which `sort` replaces and `reverse` turns.

    Raises BadParameter: a kind or part beside a filter that names one; RequestError: no such view, class or field.
    """
    from dejavu_tui.listing.fields import SORTS
    from dejavu_tui.listing.language import Filter, parse
    from dejavu_tui.listing.places import OPENING, check
    from dejavu_tui.listing.saved import find_view
    from dejavu_tui.workflows.top import class_names

    base = OPENING if view is None else find_view(audit.root, name=view)
    if view is None and (filter is not None or kinds is not None):
        base = replace(base, filter=Filter())
    typed = Filter((*base.filter.terms, *parse(filter or "").terms))
    if kinds is not None:
        typed = _narrowed(typed, "kind", kinds)
    if parts:
        typed = _narrowed(typed, "part", parts)
    chosen = sort or base.sort
    descending = base.descending if sort is None else SORTS.get(sort, False)
    listing = replace(base, filter=typed, sort=chosen, descending=descending != reverse)
    check(listing, names=class_names(audit))
    return listing


def _narrowed(typed: "Filter", field: str, values: Sequence[str]) -> "Filter":
    from dejavu_tui.listing.places import replaced

    if any(term.field == field for term in typed.terms):
        raise typer.BadParameter(f"the filter already has a term of {field}", param_hint=f"--{field}")
    return replaced(typed, field, values)


def in_words(listing: "Listing") -> str:
    """Return what is listed and in which order, as a line above a table, not yet safe to show."""
    from dejavu_tui.listing.language import Operator
    from dejavu_tui.listing.places import OPENING

    terms = listing.filter.terms
    if len(terms) == 1 and terms[0].field == "kind" and terms[0].operator is Operator.IS and not terms[0].negated:
        which = " or ".join(terms[0].values)
    else:
        which = str(listing.filter)
    if (listing.sort, listing.descending) == (OPENING.sort, OPENING.descending):
        order = "most confident target encoder first"
    else:
        order = f"by {listing.sort}, {'largest' if listing.descending else 'smallest'} first"
    return f"{which}, {order}" if which else order
