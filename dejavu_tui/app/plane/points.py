"""Attacked images as points on the plane of both confidences."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from dejavu_tui.app.plane.plane import Area, Floats, Whole, least_confidence
from dejavu_tui.records import KINDS
from dejavu_tui.workflows.browse import BrowseView


@dataclass(frozen=True)
class Points:
    """What is drawn: confidences in nats and places in KINDS, each (n,); `whole`: the plane with room for all."""

    target: Floats
    reference: Floats
    kind: Whole
    whole: Area

    def __len__(self) -> int:
        return len(self.target)

    def at(self, places: Whole) -> "Points":
        """Return those at `places`, in that order."""
        return replace(self, target=self.target[places], reference=self.reference[places], kind=self.kind[places])


def points(view: BrowseView) -> Points:
    """Return all attacked images of `view` as points."""
    samples = view.samples
    target, reference = (samples[f"{role}_confidence"].to_numpy() for role in ("target", "reference"))
    kind = samples["kind"].replace_strict(list(KINDS), range(len(KINDS)), return_dtype=pl.Int64).to_numpy()
    seen = np.concatenate((target, reference))
    least = least_confidence(view.k, classes=len(view.label_names), seen=seen)
    return Points(target, reference, kind, Area(least, 0.0, least, 0.0))
