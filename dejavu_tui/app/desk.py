"""What lies on the desk: the snapshot, what of it is listed, which image is looked at, which are selected.

One desk for all screens. A screen that comes to the front draws itself anew if `stamp` has changed meanwhile.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dejavu_tui.app.pixels.gallery import Gallery
from dejavu_tui.app.widgets.picture import Picture
from dejavu_tui.errors import FilterError
from dejavu_tui.images.boxes import Box
from dejavu_tui.listing.places import OPENING, Listing, of_each_kind, places
from dejavu_tui.records import Kind, Progress, Stop
from dejavu_tui.workflows.browse import BrowseView
from dejavu_tui.workspace import Audit


@dataclass(frozen=True)
class Snapshot:
    """Which view is meant: a run, an epoch (None: its last), a layer (None: its usual one)."""

    run: str
    epoch: int | None
    layer: str | None


OpenView: TypeAlias = Callable[[Snapshot, Progress, Stop], BrowseView]
"""Gives the view of another snapshot; slow."""
Query: TypeAlias = Callable[[BrowseView, Path, Box | None, Progress, Stop], pl.DataFrame]
"""Public images nearest to a picture or a crop of it: encoder, rank, image_id, path, label_name, distance; slow."""


@dataclass
class Desk:
    """What all screens share. `audit` is what it is of; `open_view` and `query` answer in threads."""

    audit: Audit
    view: BrowseView
    open_view: OpenView
    query: Query
    gallery: Gallery
    pictures: type[Picture]
    tabs: tuple[tuple[str, str], ...] = ()
    """Name and letter of each screen."""
    listing: Listing = OPENING
    tags: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """Tags by image id."""
    selected: dict[int, None] = field(default_factory=dict)
    """Ids of the images that were selected, in that order."""
    picking: bool = False
    """Whether enter chooses images and leaves."""
    image_id: int | None = None
    """The image that is looked at, whether it is listed or not."""
    kept: dict[str, str] = field(default_factory=dict)
    """How screens like to be found again at the next start, such as a zoom, each by a name of its own."""
    busy: str = ""
    """What is being done meanwhile, for the line above."""
    stamp: int = 0
    """Rises with every change that screens have to draw."""
    _kinds: Mapping[Kind, int] | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._list()
        if self.image_id is None and len(self.listed):
            self.image_id = self.listed[0]

    @property
    def listed(self) -> NDArray[np.int64]:
        """Ids of the images that are listed, in order."""
        return self._listed

    @property
    def places(self) -> NDArray[np.int64]:
        """Rows of `view.samples` that are listed, in order."""
        return self._places

    @property
    def kinds(self) -> Mapping[Kind, int]:
        """How many images of each kind the filter without its `kind:` terms lists; counted once a listing."""
        if self._kinds is None:
            view, typed = self.view, self.listing.filter
            self._kinds = of_each_kind(view.samples, typed, names=view.label_names, tags=self.tags)
        return self._kinds

    @property
    def row(self) -> int | None:
        """Place in `listed` of the image that is looked at; None: it is not listed."""
        found = np.flatnonzero(self._listed == self.image_id)
        return int(found[0]) if len(found) else None

    @property
    def of_control(self) -> bool:
        """Whether images of E, which no encoder saw, are listed."""
        return any(term.field == "part" and "E" in term.values for term in self.listing.filter.terms)

    def ask(self, listing: Listing) -> None:
        """List something else. Raises FilterError, all as before: a class that there is not."""
        former, self.listing = self.listing, listing
        try:
            self._list()
        except FilterError:
            self.listing = former
            raise
        self.stamp += 1

    def show(self, view: BrowseView) -> None:
        """Look at another snapshot."""
        self.view = view
        self._list()
        self.stamp += 1

    def grow(self, epochs: tuple[int, ...]) -> None:
        """Take in that the run has these snapshots by now."""
        self.view = replace(self.view, epochs=epochs)
        self.stamp += 1

    def tag(self, tags: Mapping[int, frozenset[str]]) -> None:
        """Take in that tags have changed."""
        self.tags = tags
        if any(term.field in ("", "tag") for term in self.listing.filter.terms):
            self._list()
        self.stamp += 1

    def select(self, image_ids: Iterable[int], *, on: bool) -> None:
        """Select images, or take them out of the selection."""
        for image_id in image_ids:
            if on:
                self.selected[image_id] = None
            else:
                self.selected.pop(image_id, None)
        self.stamp += 1

    def _list(self) -> None:
        self._places = places(self.view.samples, self.listing, names=self.view.label_names, tags=self.tags)
        self._kinds = None
        self._listed = self.view.samples["image_id"].to_numpy()[self._places]
