"""A listing as options of the commands: what a screen shows, `dejavu top` lists."""

from dejavu_tui.listing.fields import SORTS
from dejavu_tui.listing.places import OPENING, Listing


def options(listing: Listing) -> tuple[str, ...]:
    """Return the words after `dejavu top` that list the same, unquoted; none for the opening listing."""
    words: list[str] = []
    if listing.filter != OPENING.filter:
        words += ["--filter", str(listing.filter)]
    if listing.sort != OPENING.sort:
        words += ["--sort", listing.sort]
    if listing.descending != SORTS[listing.sort]:
        words += ["--reverse"]
    return tuple(words)
