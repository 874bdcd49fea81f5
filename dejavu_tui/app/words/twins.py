"""The commands that print what screens show."""

from dejavu_tui.app.desk import Desk
from dejavu_tui.listing.options import options
from dejavu_tui.listing.places import Listing


def listed(desk: Desk, listing: Listing, *, number: int) -> list[str]:
    """Return the command that prints the first `number` images of `listing` in the snapshot on the desk."""
    view = desk.view
    words = ["dejavu", "top", str(desk.audit.root), "--run", view.run, "--epoch", str(view.epoch)]
    words += ["--layer", view.layer, "--k", str(view.k), "-n", str(max(number, 1))]
    return [*words, *options(listing)]
