"""Tags given and taken on the screens: written in threads, one operation after the other, none dropped."""

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence

from dejavu_tui.app.desk import Desk
from dejavu_tui.app.errands import Errands
from dejavu_tui.app.words.lines import images
from dejavu_tui.listing.tags import TagFile, Tagging, Tags


class Tagger:
    """Reads and writes the tags of the audit on the desk.

    `changed` is called when other tags lie on the desk, `say` with what was done or what went wrong.
    """

    def __init__(
        self, desk: Desk, errands: Errands, *, changed: Callable[[], None], say: Callable[[str, bool], None]
    ) -> None:
        self._desk = desk
        self._errands = errands
        self._changed = changed
        self._say = say
        self._file = TagFile(desk.audit.root)
        self._known = Tags({}, {})
        self._waiting: deque[Callable[[], str]] = deque()

    @property
    def known(self) -> Mapping[str, int]:
        """Every tag of the audit, and how many images have it."""
        return self._known.counts

    def of(self, image_ids: Sequence[int]) -> dict[str, int]:
        """Return the tags of these images, and how many of them have each."""
        tagged = self._known.of
        some = [one for one in image_ids if one in tagged]
        return dict(sorted(Counter(tag for one in some for tag in tagged[one]).items()))

    def read(self) -> None:
        """Take in what is written by now, by others too."""
        self._do(lambda: "")

    def tag(self, image_ids: Sequence[int], *, tag: str) -> None:
        """Give `tag` to images."""

        def write() -> str:
            new = self._file.tag(image_ids, tag=tag)
            had = f"; {len(image_ids) - new:,} had it" if new < len(image_ids) else ""
            return f"{images(new)} tagged {tag}{had}. z undoes it." if new else f"Tagged {tag} already."

        self._do(write)

    def untag(self, image_ids: Sequence[int], *, tag: str) -> None:
        """Take `tag` from images."""
        self._do(lambda: f"{tag} taken from {images(self._file.untag(image_ids, tag=tag))}. z undoes it.")

    def undo(self) -> None:
        """Undo the last operation that is not undone, whoever did it."""

        def write() -> str:
            undone: Tagging = self._file.undo()
            done = "taken from" if undone.op == "tag" else "given back to"
            return f"Undone: {undone.tag} {done} {images(len(undone.image_ids))}."

        self._do(write)

    def _do(self, write: Callable[[], str]) -> None:
        self._waiting.append(write)
        if len(self._waiting) == 1:
            self._next()

    def _next(self) -> None:
        write = self._waiting[0]

        def work(*_: object) -> tuple[str, Tags]:
            return write(), self._file.read()

        self._errands.start("tags", work, then=self._done, fail=self._failed)

    def _done(self, came: tuple[str, Tags]) -> None:
        text, tags = came
        if tags is not self._known:
            self._known = tags
            self._desk.tag(tags.of)
            self._changed()
        if text:
            self._say(text, False)
        self._go_on()

    def _failed(self, why: str) -> None:
        self._say(why, True)
        self._go_on()

    def _go_on(self) -> None:
        self._waiting.popleft()
        if self._waiting:
            self._next()
