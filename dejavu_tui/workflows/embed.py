"""Embeddings of an audit's images under its encoders, view by view; what is there is reused."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from dejavu_tui.artefacts import Draft, digest, is_current, publish, verify
from dejavu_tui.embeddings.pipeline import Job, embedded
from dejavu_tui.embeddings.providers import CPU
from dejavu_tui.embeddings.session import BATCHING, OnnxEncoder, batch_of
from dejavu_tui.embeddings.store import EMBEDDINGS, create, refuse_constant
from dejavu_tui.embeddings.trial import check_provider
from dejavu_tui.encoders.pace import Pace
from dejavu_tui.errors import ArtefactError, MeasurementError, StoppedError
from dejavu_tui.images.decoders import CORES, Decoders, open_decoders
from dejavu_tui.images.pictures import Pictures
from dejavu_tui.pieces import Pieces
from dejavu_tui.records import USUAL, Compute, EncoderId, Progress, Shard, Step, Stop, View
from dejavu_tui.workflows.export import ONNX, ONNX_FILE
from dejavu_tui.workflows.shards import shard_lock, whole_lock
from dejavu_tui.workflows.shown import ids_of, shown_digest, shown_to, with_hashes
from dejavu_tui.workspace import Audit

STAGE = "embeddings"
VIEWS: tuple[View, ...] = ("public", "crops")
"""What the score needs."""
KEPT = 1 << 29
"""Bytes of decoded pictures that are kept while the snapshots of a run look at them in turn."""
MANY = 4096
"""Images of a view from which on processes decode them: starting these takes as long as a thousand small images."""
PIECE_SECONDS = 30.0
"""Work that a kill may lose."""
_VARIED: dict[View, str] = {"public": "X", "own": "its training set"}
"""Views whose images cannot all look alike to a sound encoder, and what they are called."""
_LIBRARIES = ("numpy", "onnxruntime", "pillow")
_IDS = "ids"


@dataclass(frozen=True)
class _Wanted:
    """The layers that `encoder` lacks of a view."""

    encoder: EncoderId
    view: View
    layers: list[str]

    def column(self, layer: str) -> str:
        """Name of the file of a piece that holds the embeddings at `layer`."""
        return f"{self.encoder.folder}.{layer}"


@dataclass(frozen=True)
class _Turn:
    """The encoders of one snapshot look at the same images together; it is turn `number`, from 0, of `turns`."""

    images: pl.DataFrame
    pictures: Pictures
    wanted: list[_Wanted]
    number: int
    turns: int
    batch: int

    @property
    def stage(self) -> str:
        """What it is called while it runs."""
        view = self.wanted[0].view
        parts = ", ".join(self.images["part"].unique().sort())
        return f"embed {view}" if view in VIEWS else f"embed {parts}"

    def report(self, progress: Progress, done: int, detail: str = "") -> None:
        """Tell how many images of all turns were looked at when `done` of this one were."""
        rows = self.images.height
        progress(Step(self.stage, self.number * rows + done, self.turns * rows, detail))


def load_encoder(audit: Audit, encoder: EncoderId, *, provider: str = CPU) -> OnnxEncoder:
    """Return the exported `encoder`. Raises ArtefactError: absent, damaged or unsafe. RequestError: `provider` is
    unknown, not installed, or does not start. MeasurementError: it computes something else than the processor.
    """
    folder = audit.onnx_folder(encoder)
    verify(folder, kind=ONNX)
    loaded = OnnxEncoder(folder / ONNX_FILE, provider=provider)
    if loaded.card.trained_on not in (None, encoder.trained_on) or loaded.card.epoch not in (None, encoder.epoch):
        what = f"is SSL_{loaded.card.trained_on} of epoch {loaded.card.epoch}, not SSL_{encoder.trained_on}"
        raise ArtefactError(f"{what} of epoch {encoder.epoch}", where=folder, fix="export it again")
    if provider != CPU:
        check_provider(loaded, provider=provider)
    return loaded


def embed(
    audit: Audit,
    encoders: Sequence[EncoderId],
    *,
    layers: Sequence[str],
    views: Sequence[View] = VIEWS,
    compute: Compute = USUAL,
    shard: Shard | None = None,
    progress: Progress,
    stop: Stop,
) -> None:
    """Embed `views` under each of `encoders` (exported) at each of `layers`, as far as they are missing.

    The encoders of one snapshot share each decoded image, and what they gave is kept before the next snapshot
    begins; decoded images are kept for it up to KEPT bytes. Each encoder runs once for all layers. What was
    computed before a stop, and up to PIECE_SECONDS before a kill, is kept too. With `shard` only that part of the
    images is embedded, beside other processes that do the others; a call without one puts all together.

    Raises RequestError: no such layer or provider, no image attacked; ImageError; ArtefactError: also images that
    are not those of the split; MeasurementError: a number that is not finite, or equal embeddings of all of X or of
    a training set; MemoryError; BusyError; StoppedError.
    """
    missing = [
        _Wanted(encoder, view, names)
        for view in views
        for encoder in encoders
        if (names := missing_layers(audit, encoder, layers=layers, view=view))
    ]
    if not missing:
        return
    loaded = {
        encoder: load_encoder(audit, encoder, provider=compute.provider)
        for encoder in dict.fromkeys(one.encoder for one in missing)
    }
    for one in missing:
        loaded[one.encoder].check_layers(one.layers)
    workers = compute.workers or CORES
    most = max(shown_to(audit, one.encoder, one.view).height for one in missing)
    with ExitStack() as stack:
        stack.enter_context(shard_lock(audit, STAGE, shard) if shard else whole_lock(audit, STAGE))
        many = workers > 1 and most // (shard.of if shard else 1) >= MANY
        decoders = stack.enter_context(open_decoders(workers)) if many else None
        for turn in _turns(audit, missing, loaded, decoders):
            pieces = _pieces(audit, turn)
            rows = shard.range(turn.images.height, unit=turn.batch) if shard else (0, turn.images.height)
            lacking = pieces.gaps(*rows)
            for first, end in lacking:
                _fill(pieces, turn, loaded, first, end, workers=workers, progress=progress, stop=stop)
            if shard is None:
                _publish(audit, turn, pieces, loaded, compute=compute)
            if not lacking:
                turn.report(progress, rows[1])


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
    identity = {"audit": audit.fingerprint, "encoder": onnx, "layer": layer, "view": view, "batch": BATCHING}
    if view not in VIEWS:  # which images these are depends on the encoder too
        identity["images"] = shown_digest(audit, encoder, view)
    return identity


def _turns(
    audit: Audit,
    missing: Sequence[_Wanted],
    loaded: dict[EncoderId, OnnxEncoder],
    decoders: Decoders | None,
) -> Iterator[_Turn]:
    """Yield what is `missing`, in turns: first all that look at the same pictures, snapshot by snapshot."""
    alike: dict[tuple[int, bool, bytes], list[_Wanted]] = {}
    for one in missing:
        ids = ids_of(shown_to(audit, one.encoder, one.view)).tobytes()
        key = (loaded[one.encoder].card.input_size, one.view == "crops", ids)
        alike.setdefault(key, []).append(one)
    for (size, _, _), group in alike.items():
        images = with_hashes(audit, shown_to(audit, group[0].encoder, group[0].view))
        snapshots: dict[tuple[str, int], list[_Wanted]] = {}
        for one in group:
            snapshots.setdefault((one.encoder.run, one.encoder.epoch), []).append(one)
        budget = KEPT if len(snapshots) > 1 else 0
        batch = batch_of(size)
        pictures = Pictures(images, source=audit.source, size=size, batch=batch, budget=budget, decoders=decoders)
        for number, wanted in enumerate(snapshots.values()):
            yield _Turn(images, pictures, wanted, number, len(snapshots), batch)


def _pieces(audit: Audit, turn: _Turn) -> Pieces:
    wanted = [
        _identity(audit, one.encoder, layer=layer, view=one.view) | {"as": one.column(layer)}
        for one in turn.wanted
        for layer in one.layers
    ]
    return Pieces(audit.pieces_folder(STAGE), identity={"wanted": wanted})


def _fill(
    pieces: Pieces,
    turn: _Turn,
    loaded: dict[EncoderId, OnnxEncoder],
    first: int,
    end: int,
    *,
    workers: int,
    progress: Progress,
    stop: Stop,
) -> None:
    """Embed the images [first, end) of `turn` into pieces; they begin and end at batches."""
    ids = ids_of(turn.images)
    jobs = [Job(loaded[one.encoder], {layer: one.column(layer) for layer in one.layers}) for one in turn.wanted]
    before = turn.number * turn.images.height
    pace = Pace(first=before + first, steps=turn.turns * turn.images.height, images_per_step=1)
    batches = range(first // turn.batch, -(-end // turn.batch))
    with embedded(jobs, turn.pictures, turn.images["path"], batches, workers=workers) as results:
        while first < end:
            if stop():
                raise StoppedError
            with pieces.write(first, libraries=_LIBRARIES) as piece:
                began = time.monotonic()
                for vectors in results:
                    rows = len(next(iter(vectors.values())))
                    piece.append({_IDS: ids[first : first + rows], **vectors})
                    first += rows
                    if pace.report_is_due(before + first):
                        turn.report(progress, first, pace.describe(before + first) + _short_of_memory(jobs))
                    if stop() or time.monotonic() - began > PIECE_SECONDS:
                        break


def _short_of_memory(jobs: Sequence[Job]) -> str:
    least = min((job.encoder.largest for job in jobs if job.encoder.largest is not None), default=None)
    return "" if least is None else f"; memory was short: batches of {least}"


def _publish(
    audit: Audit, turn: _Turn, pieces: Pieces, loaded: dict[EncoderId, OnnxEncoder], *, compute: Compute
) -> None:
    """Put the pieces of `turn` together, each encoder and layer by itself, and remove them."""
    ids = ids_of(turn.images)
    with ExitStack() as stack:
        for one in turn.wanted:
            encoder = loaded[one.encoder]
            for layer in one.layers:
                folder = audit.embeddings_folder(one.encoder, layer=layer, view=one.view)
                identity = _identity(audit, one.encoder, layer=layer, view=one.view)
                draft = stack.enter_context(
                    publish(folder, kind=EMBEDDINGS, identity=identity, libraries=_LIBRARIES)
                )
                _note(draft, encoder, images=len(ids), compute=compute)
                matrix = create(draft.folder, ids=ids, dim=encoder.card.dims[layer])
                for (first, rows), (_, of) in zip(
                    pieces.rows(one.column(layer), total=len(ids)), pieces.rows(_IDS, total=len(ids)), strict=True
                ):
                    if not np.array_equal(of, ids[first : first + len(of)]):
                        what = "holds other images than asked for"
                        raise ArtefactError(what, where=pieces.folder, fix="remove it and run again")
                    matrix[first : first + len(rows)] = rows
                if one.view in _VARIED:
                    try:
                        refuse_constant(matrix, encoder=str(encoder.path), layer=layer, images=_VARIED[one.view])
                    except MeasurementError:
                        pieces.remove()
                        raise
                matrix.flush()
    pieces.remove()


def _note(draft: Draft, encoder: OnnxEncoder, *, images: int, compute: Compute) -> None:
    """Say of an artefact what it holds and how it came about."""
    draft.counts["images"] = images
    draft.how["provider"] = compute.provider
    if encoder.largest is not None:
        draft.how["batches"] = f"of {encoder.largest} images, where memory was short"
