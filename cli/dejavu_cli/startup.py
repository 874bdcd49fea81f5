"""Where the screens start: as typed, else where the user left off, else on the memorized images."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dejavu_tui.app.application import Preferences
    from dejavu_tui.app.state import Place
    from dejavu_tui.listing.language import Term
    from dejavu_tui.listing.places import Listing
    from dejavu_tui.records import Progress, Stop
    from dejavu_tui.workflows.browse import BrowseView
    from dejavu_tui.workspace import Audit

_OTHER_LISTING = "The filter you left off at does not fit this audit any more"
_OTHER_SNAPSHOT = "The snapshot you left off at cannot be opened"


@dataclass(frozen=True)
class Typed:
    """What the command line asks for; None: nothing."""

    run: str | None = None
    epoch: int | None = None
    layer: str | None = None
    filter: str | None = None
    view: str | None = None
    screen: str | None = None
    ids: Sequence[int] | None = None
    fresh: bool = False
    pick: bool = False

    @property
    def snapshot(self) -> bool:
        """Whether a snapshot is asked for."""
        return any(one is not None for one in (self.run, self.epoch, self.layer))

    @property
    def listing(self) -> bool:
        """Whether a listing is asked for."""
        return any(one is not None for one in (self.filter, self.view, self.ids))


@dataclass
class Start:
    """Where it starts, and what there is to say about that."""

    view: "BrowseView"
    listing: "Listing"
    screen: str
    image_id: int | None = None
    kept: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    former: "Listing | None" = None
    """What was listed when the user left off; None: nothing was."""
    passing: "frozenset[Term]" = frozenset()
    """What was typed or piped in for this time alone."""

    def lasting(self, listing: "Listing") -> "Listing":
        """Return what the next start lists if `listing` is left: what was typed for this time is forgotten."""
        from dejavu_tui.listing.places import OPENING

        if self.passing and self.passing <= set(listing.filter.terms):
            return self.former or OPENING
        return listing


def begin(audit: "Audit", typed: Typed, *, progress: "Progress", stop: "Stop") -> Start:
    """Open the snapshot and find what is listed.

    What was typed must be there; of what was left, whatever is not there any more is said and left out.

    Raises RequestError: no such run, epoch, layer, screen, view or class; as `open_view` does.
    """
    from dejavu_tui.app.application import OPENING_SCREEN
    from dejavu_tui.app.registry import tab_screens
    from dejavu_tui.config import nearest
    from dejavu_tui.errors import RequestError
    from dejavu_tui.listing.places import OPENING

    names = [screen.NAME for screen in tab_screens()]
    if typed.screen is not None and typed.screen not in names:
        raise RequestError(f"no screen '{typed.screen}'", fix=nearest(typed.screen, names))
    notices: list[str] = []
    left = None if typed.fresh else _left(audit, notices)
    asked = _asked(audit, typed)
    view = _view(audit, typed, left, notices, progress=progress, stop=stop)
    start = Start(view, asked or OPENING, typed.screen or OPENING_SCREEN, notices=notices)
    if left is not None:
        start.kept = dict(left.kept)
        start.former = left.listing
        if typed.screen is None and left.screen in names and not (typed.pick or typed.ids is not None):
            start.screen = left.screen
        if asked is None:
            _go_on(start, left)
    if asked is not None:
        terms = asked.filter.terms
        start.passing = frozenset(terms if typed.ids is None else terms[-1:])
    if typed.ids is not None:
        _tell_of_ids(start, typed.ids)
    return start


def preferences(*, clipboard: bool, notices: list[str]) -> "Preferences":
    """Return how the user likes the screens; a damaged file of colours is said and left out.

    Raises RequestError: the file of keys cannot be used.
    """
    from dejavu_tui.app.acts.clipboard import has_clipboard
    from dejavu_tui.app.application import Preferences
    from dejavu_tui.app.keys import keys_file, load_keys
    from dejavu_tui.app.state import Look, load, look_file
    from dejavu_tui.errors import SettingsError

    keymap = load_keys(keys_file())
    try:
        look = load(Look, look_file())
    except SettingsError as error:
        look = None
        notices.append(f"Your colours are not known: {error.where} {error.what}")
    return Preferences(keymap, look.theme if look else None, clipboard and has_clipboard())


def _left(audit: "Audit", notices: list[str]) -> "Place | None":
    from dejavu_tui.app.state import Place, load, place_file
    from dejavu_tui.errors import SettingsError

    try:
        return load(Place, place_file(audit.root))
    except SettingsError as error:
        notices.append(f"Where you left off is not known: {error.where} {error.what}")
        return None


def _asked(audit: "Audit", typed: Typed) -> "Listing | None":
    from dejavu_cli.listed import asked_listing

    if not typed.listing:
        return None
    text = typed.filter
    if typed.ids is not None:
        text = f"{text or ''} id:{','.join(map(str, typed.ids))}"
    return asked_listing(audit, filter=text, view=typed.view)


def _view(
    audit: "Audit",
    typed: Typed,
    left: "Place | None",
    notices: list[str],
    *,
    progress: "Progress",
    stop: "Stop",
) -> "BrowseView":
    from dejavu_tui.errors import RequestError
    from dejavu_tui.workflows.browse import open_view

    if left is not None and not typed.snapshot:
        try:
            return open_view(audit, run=left.run, epoch=left.epoch, layer=left.layer, progress=progress, stop=stop)
        except RequestError as error:
            notices.append(f"{_OTHER_SNAPSHOT}: {error.what}")
    return open_view(audit, run=typed.run, epoch=typed.epoch, layer=typed.layer, progress=progress, stop=stop)


def _go_on(start: Start, left: "Place") -> None:
    """List what was listed, and look at the image that was looked at."""
    from dejavu_tui.errors import FilterError
    from dejavu_tui.listing.places import check

    try:
        check(left.listing, names=start.view.label_names)
    except FilterError as error:
        start.notices.append(f"{_OTHER_LISTING}: {error.what}")
        return
    start.listing = left.listing
    if left.image_id in start.view.samples["image_id"]:
        start.image_id = left.image_id


def _tell_of_ids(start: Start, ids: Sequence[int]) -> None:
    """Say in which order the ids that were piped in are listed, and how many of them cannot be."""
    known = set(start.view.samples.filter(start.view.samples["part"] != "E")["image_id"])
    missing = len(set(ids) - known)
    if missing:
        start.notices.append(f"{missing:,} of {len(set(ids)):,} images are not attacked images of A or B.")
    if len(set(ids)) - missing > 1:
        start.notices.append(f"The images piped in are sorted by {start.listing.sort}; s sorts by something else.")
