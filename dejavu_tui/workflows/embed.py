"""Embeddings of an audit's images under its encoders, view by view; what is there is reused."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import polars as pl

from dejavu_tui.artefacts import verify
from dejavu_tui.embeddings.pipeline import Job, embedded
from dejavu_tui.embeddings.providers import CPU
from dejavu_tui.embeddings.session import OnnxEncoder, batch_of
from dejavu_tui.embeddings.trial import check_provider
from dejavu_tui.encoders.pace import Pace
from dejavu_tui.errors import ArtefactError, MeasurementError, StoppedError
from dejavu_tui.images.decoders import CORES, Decoders, open_decoders
from dejavu_tui.images.pictures import Pictures
from dejavu_tui.records import USUAL, Compute, EncoderId, Progress, Shard, Step, Stop, View
from dejavu_tui.workflows.columns import STAGE, VIEWS, Column, ColumnWriter
from dejavu_tui.workflows.export import ONNX, ONNX_FILE
from dejavu_tui.workflows.shards import shard_lock, whole_lock
from dejavu_tui.workflows.shown import ids_of, shown_to, with_hashes
from dejavu_tui.workspace import Audit

KEPT = 1 << 29
"""Bytes of decoded pictures that are kept while the snapshots of a run look at them in turn."""
MANY = 4096
"""Images of a view from which on processes decode them: starting these takes as long as a thousand small images."""


@dataclass(frozen=True)
class _Turn:
    """The encoders of one snapshot look at the same images together; it is turn `number`, from 0, of `turns`."""

    stage: str
    images: pl.DataFrame
    pictures: Pictures
    columns: list[Column]
    number: int
    turns: int
    batch: int

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
    computed before a stop, and up to half a minute before a kill, is kept too. With `shard` only that part of the
    images is embedded, beside other processes that do the others; a call without one puts all together.

    Raises RequestError: no such layer or provider, no image attacked; ImageError; ArtefactError: also images that
    are not those of the split; MeasurementError: a number that is not finite, or equal embeddings of all of X or of
    a training set; MemoryError; BusyError; StoppedError.
    """
    asked = [Column(audit, encoder, layer, view) for view in views for encoder in encoders for layer in layers]
    missing = [column for column in asked if not column.is_there()]
    if not missing:
        return
    loaded = {
        encoder: load_encoder(audit, encoder, provider=compute.provider)
        for encoder in dict.fromkeys(column.encoder for column in missing)
    }
    for column in missing:
        loaded[column.encoder].check_layers([column.layer])
    with ExitStack() as stack:
        if shard is None:
            stack.enter_context(audit.lock(at=audit.pieces_folder(STAGE).parent))
        missing = [column for column in missing if not column.is_there()]  # another process may have made some
        shown = _shown(audit, missing)
        workers = compute.workers or CORES
        most = max((images.height for images in shown.values()), default=0)
        many = workers > 1 and most // (shard.of if shard else 1) >= MANY
        decoders = stack.enter_context(open_decoders(workers)) if many else None
        for turn in _turns(audit, shown, loaded, decoders):
            with ExitStack() as held:
                for column in turn.columns:
                    held.enter_context(shard_lock(audit, column.room, shard) if shard else whole_lock(column.room))
                _take(turn, loaded, compute=compute, shard=shard, workers=workers, progress=progress, stop=stop)


def missing_layers(audit: Audit, encoder: EncoderId, *, layers: Sequence[str], view: View) -> list[str]:
    """Return those of `layers` at which `view` is not embedded under `encoder` as it is exported now."""
    return [layer for layer in layers if not Column(audit, encoder, layer, view).is_there()]


def _shown(audit: Audit, missing: Sequence[Column]) -> dict[Column, pl.DataFrame]:
    """Return the images of each of the columns that are `missing`."""
    found: dict[tuple[View, EncoderId | None], pl.DataFrame] = {}
    shown = {}
    for one in missing:
        key = (one.view, None if one.view in VIEWS else one.encoder)
        if key not in found:
            found[key] = shown_to(audit, one.encoder, one.view)
        shown[one] = found[key]
    return shown


def _turns(
    audit: Audit,
    shown: dict[Column, pl.DataFrame],
    loaded: dict[EncoderId, OnnxEncoder],
    decoders: Decoders | None,
) -> Iterator[_Turn]:
    """Yield the columns of `shown`, in turns: first all that look at the same pictures, snapshot by snapshot."""
    alike: dict[tuple[int, bool, bytes], list[Column]] = {}
    for one, images in shown.items():
        key = (loaded[one.encoder].card.input_size, one.view == "crops", ids_of(images).tobytes())
        alike.setdefault(key, []).append(one)
    for (size, _, _), group in alike.items():
        images = with_hashes(audit, shown[group[0]])
        view = group[0].view
        stage = f"embed {view}" if view in VIEWS else f"embed {', '.join(images['part'].unique().sort())}"
        snapshots: dict[tuple[str, int], list[Column]] = {}
        for one in group:
            snapshots.setdefault((one.encoder.run, one.encoder.epoch), []).append(one)
        budget = KEPT if len(snapshots) > 1 else 0
        batch = batch_of(size)
        pictures = Pictures(images, source=audit.source, size=size, batch=batch, budget=budget, decoders=decoders)
        for number, columns in enumerate(snapshots.values()):
            yield _Turn(stage, images, pictures, columns, number, len(snapshots), batch)


def _take(
    turn: _Turn,
    loaded: dict[EncoderId, OnnxEncoder],
    *,
    compute: Compute,
    shard: Shard | None,
    workers: int,
    progress: Progress,
    stop: Stop,
) -> None:
    """Embed what the pieces of each column lack of `turn`, or of a shard of it; the whole is put together."""
    rows = turn.images.height
    asked = shard.range(rows, unit=turn.batch) if shard else (0, rows)
    lacking = {column: column.pieces().gaps(*asked) for column in turn.columns if not column.is_there()}
    for first, end in dict.fromkeys(gap for gaps in lacking.values() for gap in gaps):
        columns = [column for column, gaps in lacking.items() if (first, end) in gaps]
        _fill(turn, columns, loaded, first, end, compute=compute, workers=workers, progress=progress, stop=stop)
    if shard is None:
        ids = ids_of(turn.images)
        try:
            for column in lacking:
                dim = loaded[column.encoder].card.dims[column.layer]
                column.put_together(ids, dim=dim, stop=stop)
        except MeasurementError:  # they would only be refused again
            for column in lacking:
                column.pieces().remove()
            raise
    if not any(lacking.values()):
        turn.report(progress, asked[1])


def _fill(
    turn: _Turn,
    columns: Sequence[Column],
    loaded: dict[EncoderId, OnnxEncoder],
    first: int,
    end: int,
    *,
    compute: Compute,
    workers: int,
    progress: Progress,
    stop: Stop,
) -> None:
    """Embed the images [first, end) of `turn` into pieces of `columns`; they begin and end at batches."""
    ids = ids_of(turn.images)
    pieces = {column.name: column.pieces() for column in columns}
    encoders = dict.fromkeys(column.encoder for column in columns)
    jobs = [
        Job(loaded[encoder], {column.layer: column.name for column in columns if column.encoder == encoder})
        for encoder in encoders
    ]
    before = turn.number * turn.images.height
    pace = Pace(first=before + first, steps=turn.turns * turn.images.height, images_per_step=1)
    batches = range(first // turn.batch, -(-end // turn.batch))
    with embedded(jobs, turn.pictures, turn.images["path"], batches, workers=workers) as results:
        while first < end:
            if stop():
                raise StoppedError
            with ExitStack() as stack:
                writer = ColumnWriter(pieces, stack, first=first)
                for vectors in results:
                    rows = len(next(iter(vectors.values())))
                    writer.append(ids[first : first + rows], vectors)
                    first += rows
                    if pace.report_is_due(before + first):
                        turn.report(progress, first, pace.describe(before + first) + _short_of_memory(jobs))
                    if stop() or writer.is_full:
                        break
                writer.note("provider", compute.provider)
                if _short_of_memory(jobs):
                    writer.note("memory", _short_of_memory(jobs).removeprefix("; "))


def _short_of_memory(jobs: Sequence[Job]) -> str:
    least = min((job.encoder.largest for job in jobs if job.encoder.largest is not None), default=None)
    return "" if least is None else f"; memory was short: batches of {least}"
