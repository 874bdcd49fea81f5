"""Every image of a listing inspected once: its hash, size and boxes, or why it is bad."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TypeAlias

import polars as pl

from dejavu_tui.errors import StoppedError
from dejavu_tui.images.decoders import CORES, Decoders, open_decoders
from dejavu_tui.images.inspecting import Inspected, inspect
from dejavu_tui.images.listing import MARKED, Listing
from dejavu_tui.records import Progress, Step, Stop
from dejavu_tui.tables import Column, Table

SEEN = Table(
    "seen",
    ("path",),
    (
        Column("path", pl.String, "image"),
        Column("annotation", pl.String, "file of its boxes", nullable=True),
        Column("sha256", pl.Binary, "of the file's bytes", nullable=True),
        Column("width", pl.Int64, "pixels", nullable=True),
        Column("height", pl.Int64, "pixels", nullable=True),
        Column("annotated_width", pl.Int64, "of the image that the annotation was written for", nullable=True),
        Column("annotated_height", pl.Int64, "", nullable=True),
        Column("error", pl.String, "ImageError or AnnotationError: it is bad", nullable=True),
        Column("what", pl.String, "is wrong with it", nullable=True),
        Column("where", pl.String, "which file that is", nullable=True),
    ),
)
MANY = 4096
"""Images from which on processes inspect them: threads wait for each other over small ones."""
_CHUNK = 128
_AHEAD = 2
"""Chunks that are begun for each worker beyond the one it works on."""
_Found: TypeAlias = "Future[list[Inspected]]"


def look_at_all(
    listing: Listing, *, pixels: bool, progress: Progress, stop: Stop
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what every image of `listing` holds (table SEEN, in its order) and the boxes (table MARKED) of the
    files beside them, as they are annotated; `pixels` as for `inspecting.inspect`.

    Raises StoppedError; DecoderGoneError: a process that inspects images has ended.
    """
    seen, marked = [SEEN.check(pl.DataFrame(schema=SEEN.schema))], [pl.DataFrame(schema=MARKED.schema)]
    done = 0
    for chunk, found in _in_order(listing, pixels=pixels):
        if stop():
            raise StoppedError
        rows = [
            (path, annotation, one.sha256 and bytes.fromhex(one.sha256), *one[1:-1])
            for path, annotation, one in zip(chunk["path"], chunk["annotation"], found, strict=True)
        ]
        boxes = [(path, *box) for path, one in zip(chunk["path"], found, strict=True) for box in one.boxes]
        seen.append(pl.DataFrame(rows, SEEN.schema, orient="row"))
        marked.append(pl.DataFrame(boxes, MARKED.schema, orient="row"))
        done += chunk.height
        progress(Step("read images", done, listing.images.height))
    return SEEN.check(pl.concat(seen)), MARKED.check(pl.concat(marked))


def _in_order(listing: Listing, *, pixels: bool) -> Iterator[tuple[pl.DataFrame, list[Inspected]]]:
    """Yield the chunks of `listing.images` with what is in them."""
    with ExitStack() as stack:
        many = listing.images.height >= MANY and CORES > 1
        decoders = stack.enter_context(open_decoders()) if many else None
        pool = stack.enter_context(ThreadPoolExecutor(CORES))
        pending: deque[tuple[pl.DataFrame, _Found]] = deque()
        for chunk in listing.images.select("path", "annotation").iter_slices(_CHUNK):
            pending.append((chunk, _begin(chunk, listing.root, pool, decoders, pixels=pixels)))
            if len(pending) > _AHEAD * CORES:
                first, found = pending.popleft()
                yield first, found.result()
        while pending:
            first, found = pending.popleft()
            yield first, found.result()


def _begin(
    chunk: pl.DataFrame, root: Path, pool: ThreadPoolExecutor, decoders: Decoders | None, *, pixels: bool
) -> _Found:
    if decoders is not None:
        files = [(f"{root}/{path}", annotation) for path, annotation in chunk.iter_rows()]
        return decoders.inspect(files, pixels=pixels)
    return pool.submit(partial(_inspect_here, chunk, root, pixels=pixels))


def _inspect_here(chunk: pl.DataFrame, root: Path, *, pixels: bool) -> list[Inspected]:
    return [
        inspect(root / path, None if annotation is None else Path(annotation), pixels=pixels)
        for path, annotation in chunk.iter_rows()
    ]
