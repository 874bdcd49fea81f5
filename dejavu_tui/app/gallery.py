"""Pictures decoded in threads and kept in a cache of bounded size."""

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from PIL import Image

from dejavu_tui.app.raster import Mark, draw, scale
from dejavu_tui.app.samples import Box
from dejavu_tui.errors import DejavuError
from dejavu_tui.images.pixels import open_picture

_BYTES = 64 * 2**20
_THREADS = 2


@dataclass(frozen=True)
class Wanted:
    """A picture as a widget wants it: the file, the place it has to fit in (pixels), and what to draw on it.

    `only`: the part of the image that is shown (half-open pixels); None: all of it.
    """

    path: Path
    into: tuple[int, int]
    marks: tuple[Mark, ...] = ()
    only: Box | None = None


Shown = Image.Image | str
"""A picture ready for the screen, or the reason why there is none."""


class Gallery:
    """Makes pictures in threads; what was made last is at hand at once, up to 64 MiB."""

    def __init__(self, *, limit: int = _BYTES, read: Callable[[Path], Image.Image] = open_picture) -> None:
        self._limit = limit
        self._read = read
        self._held: OrderedDict[Wanted, Shown] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="picture")

    def at_hand(self, wanted: Wanted) -> Shown | None:
        """Return the picture if it is in the cache."""
        with self._lock:
            if wanted not in self._held:
                return None
            self._held.move_to_end(wanted)
            return self._held[wanted]

    def make(self, wanted: Wanted, *, still: Callable[[], bool], done: Callable[[Wanted, Shown], None]) -> None:
        """Make a picture in a thread and call `done` there, unless `still` says by then that nobody wants it."""

        def work() -> None:
            if not still():
                return
            shown = self.at_hand(wanted) or self._make(wanted)
            self._keep(wanted, shown)
            done(wanted, shown)

        self._threads.submit(work)

    def close(self) -> None:
        """Drop what is not made yet."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _make(self, wanted: Wanted) -> Shown:
        try:
            picture = self._read(wanted.path)
            if wanted.only:
                picture = picture.crop(wanted.only)
            scaled = scale(picture, into=wanted.into)
            return draw(scaled, wanted.marks, original=picture.size) if wanted.marks else scaled
        except DejavuError as error:
            return error.what
        except Exception as error:  # any decoder's fault is this picture's, never the screen's
            return f"cannot be shown: {type(error).__name__}"

    def _keep(self, wanted: Wanted, shown: Shown) -> None:
        with self._lock:
            if wanted in self._held:
                return
            self._held[wanted] = shown
            self._bytes += _size(shown)
            while self._bytes > self._limit and len(self._held) > 1:
                self._bytes -= _size(self._held.popitem(last=False)[1])


def _size(shown: Shown) -> int:
    return len(shown) if isinstance(shown, str) else 3 * shown.width * shown.height
