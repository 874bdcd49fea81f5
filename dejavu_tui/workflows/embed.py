"""Embeddings of X and of all attacked crops under the encoders of an audit; what is there is reused."""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dejavu_tui.artefacts import digest, is_current, publish, verify
from dejavu_tui.embeddings.session import BATCH, OnnxEncoder
from dejavu_tui.embeddings.store import EMBEDDINGS, create, refuse_constant
from dejavu_tui.errors import ArtefactError, RequestError
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.pixels import THREADS, batches
from dejavu_tui.records import EncoderId, Progress, Step, Stop, View
from dejavu_tui.workflows.export import ONNX, ONNX_FILE
from dejavu_tui.workflows.source import check_source
from dejavu_tui.workspace import Audit

VIEWS: tuple[View, ...] = ("public", "crops")
_LIBRARIES = ("numpy", "onnxruntime", "pillow")


@dataclass(frozen=True)
class _Job:
    """The layers that one encoder lacks of a view, and the matrices (n, dim) to fill."""

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
    audit: Audit, encoders: Sequence[EncoderId], *, layers: Sequence[str], progress: Progress, stop: Stop
) -> None:
    """Embed both views under each of `encoders` (exported) at each of `layers`, as far as they are missing.

    Each image is decoded once for all encoders of the same input size, each encoder runs once for all layers.

    Raises RequestError: no such layer, no image attacked; ImageError; ArtefactError: also images that are not
    those of the split; MeasurementError: a number that is not finite, or equal embeddings of all of X; BusyError;
    StoppedError, nothing kept of this pass.
    """
    loaded: dict[EncoderId, OnnxEncoder] = {}
    missing = {view: _all_missing(audit, encoders, layers=layers, view=view) for view in VIEWS}
    for wanted in missing.values():
        for encoder, names in wanted.items():
            if encoder not in loaded:
                loaded[encoder] = load_encoder(audit, encoder)
            loaded[encoder].check_layers(names)
    if loaded:
        check_source(audit, progress=progress, stop=stop)
    for view, wanted in missing.items():
        for size in sorted({loaded[encoder].card.input_size for encoder in wanted}):
            same = {e: names for e, names in wanted.items() if loaded[e].card.input_size == size}
            _embed(audit, same, loaded, view=view, size=size, progress=progress, stop=stop)


def images_of(audit: Audit, view: View) -> pl.DataFrame:
    """Return the images of `view`, in order of image_id; those of `crops` have x0, y0, x1, y1.

    Raises RequestError: there are none.
    """
    images = audit.members("X") if view == "public" else audit.attacked()
    if images.is_empty():
        what = "the public set X is empty" if view == "public" else "no image is attacked"
        raise RequestError(what, where=audit.root, fix="make another audit with `dejavu split`")
    return images


def _all_missing(
    audit: Audit, encoders: Sequence[EncoderId], *, layers: Sequence[str], view: View
) -> dict[EncoderId, list[str]]:
    """Return the layers that each of `encoders` lacks of `view`; encoders that lack none are left out."""
    missing = {encoder: _missing(audit, encoder, layers=layers, view=view) for encoder in encoders}
    return {encoder: names for encoder, names in missing.items() if names}


def _missing(audit: Audit, encoder: EncoderId, *, layers: Sequence[str], view: View) -> list[str]:
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
    return {"audit": audit.fingerprint, "encoder": onnx, "layer": layer, "view": view, "batch": BATCH}


def _embed(
    audit: Audit,
    wanted: dict[EncoderId, list[str]],
    loaded: dict[EncoderId, OnnxEncoder],
    *,
    view: View,
    size: int,
    progress: Progress,
    stop: Stop,
) -> None:
    images = images_of(audit, view)
    ids = images["image_id"].to_numpy()
    with ExitStack() as stack:
        folders = {
            (encoder, layer): audit.embeddings_folder(encoder, layer=layer, view=view)
            for encoder, layers in wanted.items()
            for layer in layers
        }
        room = next(iter(folders.values())).parents[3]
        stack.enter_context(audit.lock(at=room))
        jobs = []
        for encoder, layers in wanted.items():
            matrices = {}
            for layer in layers:
                identity = _identity(audit, encoder, layer=layer, view=view)
                draft = stack.enter_context(
                    publish(folders[encoder, layer], kind=EMBEDDINGS, identity=identity, libraries=_LIBRARIES)
                )
                draft.counts["images"] = len(ids)
                matrices[layer] = create(draft.folder, ids=ids, dim=loaded[encoder].card.dims[layer])
            jobs.append(_Job(loaded[encoder], matrices))
        _fill(jobs, images, source=audit.source, size=size, stage=f"embed {view}", progress=progress, stop=stop)
        for job in jobs:
            for layer, matrix in job.matrices.items():
                if view == "public":
                    refuse_constant(matrix, encoder=str(job.encoder.path), layer=layer)
                matrix.flush()


def _fill(
    jobs: Sequence[_Job],
    images: pl.DataFrame,
    *,
    source: Path,
    size: int,
    stage: str,
    progress: Progress,
    stop: Stop,
) -> None:
    names = images["path"].to_list()
    crops = None
    if "x0" in images.columns:
        crops = [Box(*row) for row in images.select("x0", "y0", "x1", "y1").iter_rows()]
    pending: deque[tuple[int, _Job, Future[dict[str, NDArray[np.float32]]]]] = deque()

    def take() -> None:
        start, job, future = pending.popleft()
        for layer, vectors in future.result().items():
            job.matrices[layer][start : start + len(vectors)] = vectors
        if job is jobs[-1]:
            progress(Step(stage, min(start + BATCH, len(names)), len(names)))

    with ThreadPoolExecutor(THREADS) as pool:
        start = 0
        for pixels in batches([source / name for name in names], crops, size=size, batch=BATCH, stop=stop):
            for job in jobs:
                pending.append((start, job, pool.submit(job.embed, pixels, names[start : start + BATCH])))
            start += BATCH
            while len(pending) > len(jobs) * THREADS:
                take()
        while pending:
            take()
