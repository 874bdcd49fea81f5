"""What the screens show: one snapshot of A and B, its attacked images and their neighbours."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dejavu_tui.embeddings.card import read_card
from dejavu_tui.errors import ArtefactError
from dejavu_tui.records import KINDS, EncoderId, Kind, Progress, Stop, never, silent
from dejavu_tui.workflows.export import ONNX_FILE
from dejavu_tui.workflows.layers import LAYER
from dejavu_tui.workflows.runs import choose_epochs, choose_run
from dejavu_tui.workflows.samples import chosen_samples
from dejavu_tui.workflows.searching import SearchName
from dejavu_tui.workspace import Audit


@dataclass(frozen=True)
class BrowseView:
    """One snapshot, ready to be looked at.

    `samples` is the table SAMPLES with its lists, one row per attacked image, those of E too; `images` (table
    IMAGES) and `boxes` are those of the audit. All are in order of image_id; paths are relative to `source`.
    """

    run: str
    epochs: tuple[int, ...]
    epoch: int
    layer: str
    k: int
    samples: pl.DataFrame
    images: pl.DataFrame
    boxes: pl.DataFrame
    source: Path
    source_missing: str | None = None
    """Why no picture can be shown, and what to do; None: the folder is there. Everything else is stored."""
    layers: tuple[str, ...] = (LAYER,)
    """All that the encoders give, in the order of their card."""
    search: SearchName = "exact"
    """How the neighbours were found."""
    recall: float = 1.0
    """Of `search` against exact, 0..1, the lower of both encoders'."""

    @cached_property
    def label_names(self) -> dict[int, str]:
        """Name of each class."""
        pairs = self.images.select("label", "label_name").drop_nulls().unique("label")
        return dict(pairs.sort("label").iter_rows())

    @cached_property
    def attacked(self) -> dict[Kind, int]:
        """How many images of A and B there are of each kind."""
        return self._counts(pl.col("part") != "E")

    @cached_property
    def control(self) -> dict[Kind, int]:
        """The same of E, which no encoder saw: there, memorized and misrepresented are both chance."""
        return self._counts(pl.col("part") == "E")

    def _counts(self, which: pl.Expr) -> dict[Kind, int]:
        found = dict(self.samples.filter(which)["kind"].value_counts().iter_rows())
        return {kind: found.get(kind, 0) for kind in KINDS}

    @cached_property
    def _ids(self) -> NDArray[np.int64]:
        return self.images["image_id"].to_numpy()

    def image(self, image_id: int) -> tuple[str, str]:
        """Return path and class name of an image of the audit. Raises KeyError."""
        place = int(np.searchsorted(self._ids, image_id))
        if place == len(self._ids) or self._ids[place] != image_id:
            raise KeyError(image_id)
        return self.images["path"][place], self.images["label_name"][place]


def open_view(
    audit: Audit,
    *,
    run: str | None = None,
    epoch: int | None = None,
    layer: str | None = None,
    k: int | None = None,
    progress: Progress = silent,
    stop: Stop = never,
) -> BrowseView:
    """Return the view of one snapshot: of the run trained last, its last epoch, its usual layer and the
    audit's k unless named.

    What is missing on the way there (export, embeddings, neighbours) is made and kept, as `score` does. Where all
    is there the folder of the images need not be.

    Raises RequestError: no such run, epoch or layer, k > |X|; ContentError: a damaged artefact; StoppedError.
    """
    chosen = chosen_samples(audit, run=run, epoch=epoch, layer=layer, k=k, progress=progress, stop=stop)
    encoder = EncoderId(chosen.run, "A", chosen.epoch)
    return BrowseView(
        run=chosen.run,
        epochs=choose_epochs(choose_run(audit, chosen.run), epoch=None, sweep=True),
        epoch=chosen.epoch,
        layer=chosen.layer,
        k=chosen.k,
        samples=chosen.samples.rechunk(),
        images=audit.images,
        boxes=audit.boxes,
        source=audit.root.parent / audit.settings.source,
        source_missing=_source_missing(audit),
        layers=read_card(audit.onnx_folder(encoder) / ONNX_FILE).layers,
        search=chosen.search,
        recall=chosen.recall,
    )


def _source_missing(audit: Audit) -> str | None:
    try:
        audit.source  # noqa: B018  asked for what it raises
    except ArtefactError as error:
        return f"{error.where} is missing; {error.fix}"
    return None
