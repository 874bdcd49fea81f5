"""Pictures made in threads and kept in a cache of bounded size; what may be wanted soon is made ahead."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Semaphore, Thread

from PIL import Image

from dejavu_tui.app.pixels.raster import Mark, draw, scale
from dejavu_tui.app.samples import Box
from dejavu_tui.errors import DejavuError, ImageError
from dejavu_tui.images.pixels import decode, read_image

_BYTES = 64 * 2**20
_ENTRY = 2 * 2**10
"""Bytes that a picture takes beside its pixels."""
_PIXEL = 4
"""Bytes in which Pillow holds a pixel, three colours or not."""
_THREADS = 8
"""So many files are waited for at a time: storage may take long to answer."""
_DECODERS = 2
"""So many are decoded at a time, which takes the processor."""


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


@dataclass(frozen=True)
class _Waiting:
    still: Callable[[], bool]
    done: Callable[[Wanted, Shown], None]


def read_below(folder: Path, path: Path) -> bytes:
    """Return what the image file at `path` holds.

    Raises ImageError: it cannot be read, or it should be below `folder`, which is not there.
    """
    try:
        return read_image(path)
    except ImageError as error:
        if path.is_relative_to(folder) and not folder.is_dir():
            raise ImageError("image folder missing", where=error.where, fix="put the folder back") from None
        raise


class Gallery:
    """Makes pictures in threads; what was made last is at hand at once, up to `limit` bytes.

    What somebody waits for is made first, in the order it was asked for; then what is asked for ahead. A file is
    read once, however many wait for it.
    """

    def __init__(self, *, limit: int = _BYTES, read: Callable[[Path], bytes] = read_image) -> None:
        self._limit = limit
        self._read = read
        self._held: OrderedDict[Wanted, Shown] = OrderedDict()
        self._bytes = 0
        self._asked: dict[Wanted, list[_Waiting]] = {}
        self._ahead: dict[Wanted, None] = {}
        self._making: set[Wanted] = set()
        self._news = Condition()
        self._decoders = Semaphore(_DECODERS)
        self._closed = False
        self._threads: list[Thread] = []

    def at_hand(self, wanted: Wanted) -> Shown | None:
        """Return the picture if it is in the cache."""
        with self._news:
            if wanted not in self._held:
                return None
            self._held.move_to_end(wanted)
            return self._held[wanted]

    def make(self, wanted: Wanted, *, still: Callable[[], bool], done: Callable[[Wanted, Shown], None]) -> None:
        """Make a picture in a thread and call `done` there, unless `still` says by then that nobody wants it."""
        with self._news:
            self._asked.setdefault(wanted, []).append(_Waiting(still, done))
            self._wake()

    def prefetch(self, pictures: Iterable[Wanted]) -> None:
        """Make `pictures` ahead, the first first, while nobody waits for others; forget what was to be made ahead.

        Returns at once. No more of them than fill half of the cache, and on half of the threads: what is looked
        at now stays at hand, and what is asked for next does not wait.
        """
        ahead: dict[Wanted, None] = {}
        room = self._limit // 2
        for wanted in pictures:
            room -= _ENTRY + _PIXEL * wanted.into[0] * wanted.into[1]
            if room < 0:
                break
            ahead[wanted] = None
        with self._news:
            self._ahead = {wanted: None for wanted in ahead if wanted not in self._held}
            self._wake()

    def close(self) -> None:
        """Drop what is not made yet. Threads that wait for storage are not waited for."""
        with self._news:
            self._closed = True
            self._asked.clear()
            self._ahead.clear()
            self._news.notify_all()

    def _wake(self) -> None:
        work = len(self._asked) + len(self._ahead) + len(self._making)
        while len(self._threads) < min(_THREADS, work) and not self._closed:
            thread = Thread(target=self._work, name="picture", daemon=True)
            thread.start()
            self._threads.append(thread)
        self._news.notify_all()

    def _work(self) -> None:
        while (wanted := self._next()) is not None:
            shown = self._make(wanted)
            with self._news:
                self._keep(wanted, shown)
                self._making.discard(wanted)
                waiting = self._asked.pop(wanted, [])
                self._news.notify_all()
            if self._closed:
                return
            for each in waiting:
                each.done(wanted, shown)

    def _next(self) -> Wanted | None:
        """Wait for a picture to make; None: the gallery is closed."""
        with self._news:
            while not self._closed:
                wanted = self._choose()
                if wanted is not None:
                    self._making.add(wanted)
                    return wanted
                self._news.wait()
        return None

    def _choose(self) -> Wanted | None:
        for wanted in [wanted for wanted in self._asked if wanted not in self._making]:
            if any(each.still() for each in self._asked[wanted]):
                return wanted
            del self._asked[wanted]
        if len(self._making) < _THREADS // 2:
            for wanted in [wanted for wanted in self._ahead if wanted not in self._making]:
                del self._ahead[wanted]
                return wanted
        return None

    def _make(self, wanted: Wanted) -> Shown:
        held = self.at_hand(wanted)
        if held is not None:
            return held
        try:
            data = self._read(wanted.path)
            with self._decoders:
                picture = decode(data, where=wanted.path)
                if wanted.only:
                    picture = picture.crop(wanted.only)
                scaled = scale(picture, into=wanted.into)
                return draw(scaled, wanted.marks, original=picture.size) if wanted.marks else scaled
        except DejavuError as error:
            return error.what
        except Exception as error:  # any decoder's fault is this picture's, never the screen's
            return f"cannot be shown: {type(error).__name__}"

    def _keep(self, wanted: Wanted, shown: Shown) -> None:
        if wanted in self._held:
            return
        self._held[wanted] = shown
        self._bytes += _size(shown)
        while self._bytes > self._limit and len(self._held) > 1:
            self._bytes -= _size(self._held.popitem(last=False)[1])


def _size(shown: Shown) -> int:
    pixels = 0 if isinstance(shown, str) else shown.width * shown.height
    return _ENTRY + _PIXEL * pixels
