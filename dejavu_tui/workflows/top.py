"""The attacked images that a listing means: by default the memorized ones, the most confident first."""

import polars as pl

from dejavu_tui.errors import RequestError
from dejavu_tui.listing.language import Filter, Term
from dejavu_tui.listing.places import OPENING, Listing, each_alone, places
from dejavu_tui.listing.tags import TagFile
from dejavu_tui.workflows.chosen import Chosen
from dejavu_tui.workspace import Audit


def top(audit: Audit, chosen: Chosen, *, n: int | None = None, listing: Listing = OPENING) -> pl.DataFrame:
    """Return the first `n` (None: all) rows of SAMPLES that `listing` means, in its order.

    E is left out unless the filter names it: no encoder saw it, so that its memorized images are chance.

    Raises RequestError: n below 1, no such class or sort; ArtefactError: tags are asked for and damaged.
    """
    if n is not None and n < 1:
        raise RequestError(f"the first {n} images are none", fix="choose -n 1 or more")
    found = places(chosen.samples, listing, names=class_names(audit), tags=_tags(audit, listing.filter))
    return chosen.samples[found[:n]]


def alone(audit: Audit, chosen: Chosen, typed: Filter) -> tuple[tuple[Term, int], ...]:
    """Return how many images each term of the filter would list if it were the only one."""
    return each_alone(chosen.samples, typed, names=class_names(audit), tags=_tags(audit, typed))


def class_names(audit: Audit) -> dict[int, str]:
    """Return the name of each class of the audit by its label."""
    return dict(audit.class_names.iter_rows())


def _tags(audit: Audit, typed: Filter) -> dict[int, frozenset[str]]:
    asked = any(term.field in ("", "tag") for term in typed.terms)  # a filter without tags bears a damaged file
    return dict(TagFile(audit.root).read().of) if asked else {}
