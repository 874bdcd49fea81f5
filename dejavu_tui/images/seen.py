"""Every image of a listing inspected once: its hash, size and boxes, or why it is bad."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TypeAlias

import polars as pl

from dejavu_tui.errors import StoppedError
from dejavu_tui.images.decoders import CORES, Decoders, open_decoders
from dejavu_tui.images.inspecting import Inspected, inspect
from dejavu_tui.images.kept import Kept
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
        Column("picture", pl.Binary, "hash of what it shows; empty: too plain, or not decoded", nullable=True),
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
_GROUP = 4096
"""Images of which what was seen is kept together."""
_CHUNK = 128
_AHEAD = 2
"""Chunks that are begun for each worker beyond the one it works on."""
_Found: TypeAlias = "Future[list[Inspected]]"


def look_at_all(
    listing: Listing, *, pixels: bool, kept: Path | None = None, progress: Progress, stop: Stop
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what every image of `listing` holds (table SEEN, in its order) and the boxes (table MARKED) of the
    files beside them, as they are annotated; `pixels` as for `inspecting.inspect`.

    Of MANY images what was seen is kept below the folder `kept`, where it is found again after a stop.
    Raises StoppedError; DecoderGoneError: a process that inspects images has ended.
    """
    images = listing.images.select("path", "annotation")
    many = images.height >= MANY
    before = Kept(kept if many else None, how="pixels" if pixels else "headers", seen=SEEN)
    seen, marked = [pl.DataFrame(schema=SEEN.schema)], [pl.DataFrame(schema=MARKED.schema)]

    def tell(done: int, more: int) -> None:
        progress(Step("read images", done + more, images.height))

    with ExitStack() as stack:
        decoders = stack.enter_context(open_decoders()) if many and CORES > 1 else None
        pool = stack.enter_context(ThreadPoolExecutor(CORES))
        begin = partial(_begin, root=listing.root, pool=pool, decoders=decoders, pixels=pixels)
        done = 0
        for group in images.iter_slices(_GROUP):
            identity = before.identity(listing.root, group)
            found = before.find(identity)
            if found is None:
                found = _look_at(group, begin, tell=partial(tell, done), stop=stop)
                before.keep(identity, *found)
            else:
                tell(done, group.height)
            seen.append(found[0])
            marked.append(found[1])
            done += group.height
    return SEEN.check(pl.concat(seen)), MARKED.check(pl.concat(marked))


def _look_at(
    group: pl.DataFrame, begin: Callable[[pl.DataFrame], _Found], *, tell: Callable[[int], None], stop: Stop
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what the images of `group` hold, and the boxes of the files beside them."""
    rows: list[tuple[str | bytes | int | None, ...]] = []
    boxes: list[tuple[str | int, ...]] = []
    for chunk, inspected in _in_order(group, begin):
        if stop():
            raise StoppedError
        for path, annotation, one in zip(chunk["path"], chunk["annotation"], inspected, strict=True):
            hashes = (one.sha256 and bytes.fromhex(one.sha256), one.picture and bytes.fromhex(one.picture))
            rows.append((path, annotation, *hashes, *one[2:-1]))
            boxes += [(path, *box) for box in one.boxes]
        tell(len(rows))
    return pl.DataFrame(rows, SEEN.schema, orient="row"), pl.DataFrame(boxes, MARKED.schema, orient="row")


def _in_order(
    group: pl.DataFrame, begin: Callable[[pl.DataFrame], _Found]
) -> Iterator[tuple[pl.DataFrame, list[Inspected]]]:
    """Yield the chunks of `group` with what is in them, a few of them begun ahead."""
    pending: deque[tuple[pl.DataFrame, _Found]] = deque()
    for chunk in group.iter_slices(_CHUNK):
        pending.append((chunk, begin(chunk)))
        if len(pending) > _AHEAD * CORES:
            first, found = pending.popleft()
            yield first, found.result()
    while pending:
        first, found = pending.popleft()
        yield first, found.result()


def _begin(
    chunk: pl.DataFrame, *, root: Path, pool: ThreadPoolExecutor, decoders: Decoders | None, pixels: bool
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
