"""Embeddings of an audit's images under its encoders, view by view; what is there is reused."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dejavu_tui.artefacts import digest, is_current, publish, verify
from dejavu_tui.embeddings.session import BATCH, OnnxEncoder
from dejavu_tui.embeddings.store import EMBEDDINGS, create, refuse_constant
from dejavu_tui.errors import ArtefactError
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.pictures import Pictures
from dejavu_tui.images.pixels import THREADS
from dejavu_tui.records import EncoderId, Progress, Step, Stop, View
from dejavu_tui.workflows.export import ONNX, ONNX_FILE
from dejavu_tui.workflows.shown import ids_of, shown_digest, shown_to
from dejavu_tui.workflows.source import check_source
from dejavu_tui.workspace import Audit

VIEWS: tuple[View, ...] = ("public", "crops")
"""What the score needs."""
KEPT = 1 << 29
"""Bytes of decoded pictures that are kept while the snapshots of a run look at them in turn."""
_VARIED: dict[View, str] = {"public": "X", "own": "its training set"}
"""Views whose images cannot all look alike to a sound encoder, and what they are called."""
_LIBRARIES = ("numpy", "onnxruntime", "pillow")


@dataclass(frozen=True)
class _Wanted:
    """The layers that `encoder` lacks of a view."""

    encoder: EncoderId
    view: View
    layers: list[str]


@dataclass(frozen=True)
class _Turn:
    """The encoders of one snapshot look at the same images together; it is turn `number`, from 0, of `turns`."""

    images: pl.DataFrame
    pictures: Pictures
    wanted: list[_Wanted]
    number: int
    turns: int

    @property
    def stage(self) -> str:
        view = self.wanted[0].view
        parts = ", ".join(self.images["part"].unique().sort())
        return f"embed {view}" if view in VIEWS else f"embed {parts}"


@dataclass(frozen=True)
class _Job:
    """The matrices (n, dim) of its layers that one encoder fills."""

    encoder: OnnxEncoder
    matrices: dict[str, "np.memmap[Any, np.dtype[np.float32]]"]

    def embed(self, pixels: NDArray[np.uint8], names: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        return self.encoder.embed(pixels, layers=list(self.matrices), names=names)


def load_encoder(audit: Audit, encoder: EncoderId) -> OnnxEncoder:
    """Return the exported `encoder`. Raises ArtefactError: absent, damaged or unsafe."""
    folder = audit.onnx_folder(encoder)
    verify(folder, kind=ONNX)
    loaded = OnnxEncoder(folder / ONNX_FILE)
    if loaded.card.trained_on not in (None, encoder.trained_on) or loaded.card.epoch not in (None, encoder.epoch):
        what = f"is SSL_{loaded.card.trained_on} of epoch {loaded.card.epoch}, not SSL_{encoder.trained_on}"
        raise ArtefactError(f"{what} of epoch {encoder.epoch}", where=folder, fix="export it again")
    return loaded


def embed(
    audit: Audit,
    encoders: Sequence[EncoderId],
    *,
    layers: Sequence[str],
    views: Sequence[View] = VIEWS,
    progress: Progress,
    stop: Stop,
) -> None:
    """Embed `views` under each of `encoders` (exported) at each of `layers`, as far as they are missing.

    The encoders of one snapshot share each decoded image, and what they gave is kept before the next snapshot
    begins; decoded images are kept for it up to KEPT bytes. Each encoder runs once for all layers.

    Raises RequestError: no such layer, no image attacked; ImageError; ArtefactError: also images that are not
    those of the split; MeasurementError: a number that is not finite, or equal embeddings of all of X or of a
    training set; BusyError; StoppedError, finished snapshots kept.
    """
    missing = [
        _Wanted(encoder, view, names)
        for view in views
        for encoder in encoders
        if (names := missing_layers(audit, encoder, layers=layers, view=view))
    ]
    if not missing:
        return
    loaded = {encoder: load_encoder(audit, encoder) for encoder in dict.fromkeys(one.encoder for one in missing)}
    for one in missing:
        loaded[one.encoder].check_layers(one.layers)
    check_source(audit, progress=progress, stop=stop)
    room = audit.embeddings_folder(missing[0].encoder, layer=layers[0], view=views[0]).parents[3]
    with audit.lock(at=room):
        for turn in _turns(audit, missing, loaded):
            _take(audit, turn, loaded, progress=progress, stop=stop)


def missing_layers(audit: Audit, encoder: EncoderId, *, layers: Sequence[str], view: View) -> list[str]:
    """Return those of `layers` at which `view` is not embedded under `encoder` as it is exported now."""
    return [
        layer
        for layer in layers
        if not is_current(
            audit.embeddings_folder(encoder, layer=layer, view=view),
            kind=EMBEDDINGS,
            identity=_identity(audit, encoder, layer=layer, view=view),
        )
    ]


def _identity(audit: Audit, encoder: EncoderId, *, layer: str, view: View) -> dict[str, Any]:
    onnx = digest(audit.onnx_folder(encoder), kind=ONNX)
    identity = {"audit": audit.fingerprint, "encoder": onnx, "layer": layer, "view": view, "batch": BATCH}
    if view not in VIEWS:  # which images these are depends on the encoder too
        identity["images"] = shown_digest(audit, encoder, view)
    return identity


def _turns(audit: Audit, missing: Sequence[_Wanted], loaded: dict[EncoderId, OnnxEncoder]) -> Iterator[_Turn]:
    """Yield what is `missing`, in turns: first all that look at the same pictures, snapshot by snapshot."""
    alike: dict[tuple[int, bool, bytes], list[_Wanted]] = {}
    for one in missing:
        ids = ids_of(shown_to(audit, one.encoder, one.view)).tobytes()
        key = (loaded[one.encoder].card.input_size, one.view == "crops", ids)
        alike.setdefault(key, []).append(one)
    for (size, cropped, _), group in alike.items():
        images = shown_to(audit, group[0].encoder, group[0].view)
        crops = [Box(*row) for row in images.select("x0", "y0", "x1", "y1").iter_rows()] if cropped else None
        snapshots: dict[tuple[str, int], list[_Wanted]] = {}
        for one in group:
            snapshots.setdefault((one.encoder.run, one.encoder.epoch), []).append(one)
        budget = KEPT if len(snapshots) > 1 else 0
        paths = [audit.source / path for path in images["path"]]
        pictures = Pictures(paths, crops, size=size, batch=BATCH, budget=budget)
        for number, wanted in enumerate(snapshots.values()):
            yield _Turn(images, pictures, wanted, number, len(snapshots))


def _take(
    audit: Audit, turn: _Turn, loaded: dict[EncoderId, OnnxEncoder], *, progress: Progress, stop: Stop
) -> None:
    ids = ids_of(turn.images)
    with ExitStack() as stack:
        jobs = []
        for one in turn.wanted:
            matrices = {}
            for layer in one.layers:
                folder = audit.embeddings_folder(one.encoder, layer=layer, view=one.view)
                identity = _identity(audit, one.encoder, layer=layer, view=one.view)
                draft = stack.enter_context(
                    publish(folder, kind=EMBEDDINGS, identity=identity, libraries=_LIBRARIES)
                )
                draft.counts["images"] = len(ids)
                matrices[layer] = create(draft.folder, ids=ids, dim=loaded[one.encoder].card.dims[layer])
            jobs.append(_Job(loaded[one.encoder], matrices))
        _fill(jobs, turn, progress=progress, stop=stop)
        for one, job in zip(turn.wanted, jobs, strict=True):
            for layer, matrix in job.matrices.items():
                if one.view in _VARIED:
                    refuse_constant(matrix, encoder=str(job.encoder.path), layer=layer, images=_VARIED[one.view])
                matrix.flush()


def _fill(jobs: Sequence[_Job], turn: _Turn, *, progress: Progress, stop: Stop) -> None:
    names = turn.images["path"].to_list()
    before, total = turn.number * len(names), turn.turns * len(names)
    pending: deque[tuple[int, _Job, Future[dict[str, NDArray[np.float32]]]]] = deque()

    def take() -> None:
        start, job, future = pending.popleft()
        for layer, vectors in future.result().items():
            job.matrices[layer][start : start + len(vectors)] = vectors
        if job is jobs[-1]:
            progress(Step(turn.stage, before + min(start + BATCH, len(names)), total))

    with ThreadPoolExecutor(THREADS) as pool:
        start = 0
        for pixels in turn.pictures.turn(stop=stop):
            for job in jobs:
                pending.append((start, job, pool.submit(job.embed, pixels, names[start : start + BATCH])))
            start += BATCH
            while len(pending) > len(jobs) * THREADS:
                take()
        while pending:
            take()
