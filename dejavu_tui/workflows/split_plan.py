"""A split that is worked out and not written."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dejavu_tui.config import AuditSettings
from dejavu_tui.images.catalogue import Catalogue
from dejavu_tui.images.gain import Gain, gain_of_largest
from dejavu_tui.splits import nested
from dejavu_tui.splits.summary import Summary, summarise
from dejavu_tui.tables import BOXES, COPIES, CROPS, DROPPED, HASHES, IMAGES, PARTS, Table
from dejavu_tui.workflows.split_crops import boxes_of


@dataclass(frozen=True)
class Plan:
    """A split that is worked out and not written: the tables of the audit."""

    source: Path
    annotations: Path | None
    settings: AuditSettings
    catalogue: Catalogue
    parts: pl.DataFrame
    crops: pl.DataFrame
    dropped: pl.DataFrame
    ignored: int
    no_area: int

    def attacked_at(self) -> list[tuple[int, int]]:
        """Return (size, images of A that are attacked, and so of B) for each size planned."""
        attackable = set(self.crops.filter(pl.col("reason").is_null())["image_id"])
        members = self.catalogue.images.join(self.parts.filter(part="A"), on="image_id")
        order = nested.nested_order(members, attackable=attackable, seed=self.settings.seed)
        return [(size, len(attackable.intersection(order[:size].tolist()))) for size in self.settings.sizes]

    def tables(self) -> dict[Table, pl.DataFrame]:
        """Return the tables that the audit folder will hold."""
        return {
            IMAGES: self.catalogue.images,
            BOXES: self.catalogue.boxes,
            PARTS: self.parts,
            CROPS: self.crops,
            DROPPED: self.dropped,
            HASHES: self.catalogue.hashes,
            COPIES: self.catalogue.copies,
        }

    def gain(self) -> Gain | None:
        """Return how much larger the crops of `largest` are than those of `stripes`; None: neither is asked for."""
        if self.settings.crop not in ("largest", "stripes"):
            return None
        return gain_of_largest(self.catalogue.images, boxes_of(self.catalogue))

    def summary(self) -> Summary:
        """Return the counts of parts, of images dropped and of images not attacked."""
        return summarise(
            images=self.catalogue.images,
            parts=self.parts,
            crops=self.crops,
            dropped=self.dropped,
            ignored=self.ignored,
        )
