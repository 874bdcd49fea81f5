"""Tags: words that the user gives to images, kept in `tags.jsonl` at the root of an audit, never inside results.

Each line is one operation: `{"op": "tag", "tag": "ok", "image_ids": [3, 7], "at": ...}`, `untag` likewise, or
`{"op": "undo", "at": ...}` of the last operation that is not undone. Lines are only ever added.
"""

import os
import re
import stat
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from dejavu_tui.errors import ArtefactError, RequestError
from dejavu_tui.listing.writing import held
from dejavu_tui.text import safe_text

TAGS_FILE = "tags.jsonl"
_TAG = re.compile(r'[^\s,:"*-][^\s,:"*]{0,31}')
_LARGEST = 1 << 28
"""Bytes of a file of tags that is read: some ten million tagged images."""
_MEND = "mend or remove that line"


def checked_tag(tag: str) -> str:
    """Return `tag` if it can be one: 1 to 32 printable characters, none a blank or one of `, : " *`; no `-` first.

    Raises RequestError.
    """
    if not _TAG.fullmatch(tag) or not tag.isprintable():
        fix = 'take 1 to 32 characters without blanks , : " * that do not begin with -'
        raise RequestError(f"'{safe_text(tag, limit=40)}' cannot be a tag", fix=fix)
    return tag


class Tagging(BaseModel):
    """A tag given to images, or taken from them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    op: Literal["tag", "untag"]
    tag: Annotated[str, AfterValidator(checked_tag)]
    image_ids: Annotated[tuple[Annotated[int, Field(ge=0, lt=1 << 63)], ...], Field(min_length=1)]
    at: str


class Undoing(BaseModel):
    """The last operation that is not undone yet, undone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    op: Literal["undo"]
    at: str


_LINE: TypeAdapter[Tagging | Undoing] = TypeAdapter(Annotated[Tagging | Undoing, Field(discriminator="op")])


@dataclass(frozen=True)
class Tags:
    """The tags of each tagged image by its id, and how many images have each tag, by name."""

    of: Mapping[int, frozenset[str]]
    counts: Mapping[str, int]


@dataclass
class _Replay:
    """What the operations read so far come to, and how far in the file that was."""

    of: dict[int, frozenset[str]] = field(default_factory=dict)
    done: list[Tagging] = field(default_factory=list)
    """What could be undone, each with just the images that it changed, so that its opposite undoes it."""
    tags: Tags | None = None
    inode: int | None = None
    bytes: int = 0
    lines: int = 0
    in_line: bool = False
    """The last line read has no end yet."""

    def of_image(self, image_id: int) -> frozenset[str]:
        return self.of.get(image_id, frozenset())

    def take(self, operation: Tagging | Undoing) -> None:
        self.tags = None
        if isinstance(operation, Undoing):
            last = self.done.pop()
            self._change(last.image_ids, tag=last.tag, given=last.op == "untag")
        else:
            changed = self.changed(operation.image_ids, op=operation.op, tag=operation.tag)
            self.done.append(operation.model_copy(update={"image_ids": changed}))
            self._change(changed, tag=operation.tag, given=operation.op == "tag")

    def changed(self, image_ids: Iterable[int], *, op: Literal["tag", "untag"], tag: str) -> tuple[int, ...]:
        """Return the images that the operation would change, each once."""
        return tuple(one for one in dict.fromkeys(image_ids) if (tag in self.of_image(one)) != (op == "tag"))

    def _change(self, image_ids: Iterable[int], *, tag: str, given: bool) -> None:
        after: dict[frozenset[str], frozenset[str]] = {}  # few sets of tags, shared by many images
        for image_id in image_ids:
            before = self.of_image(image_id)
            if before not in after:
                after[before] = before | {tag} if given else before - {tag}
            if after[before]:
                self.of[image_id] = after[before]
            else:
                del self.of[image_id]


class TagFile:
    """The tags of the audit at `root`. Other processes may tag too; one object serves one thread at a time."""

    def __init__(self, root: Path) -> None:
        self.path = root / TAGS_FILE
        self._replay = _Replay()

    def read(self) -> Tags:
        """Return the tags; of a file that has grown since, only what is new is read. Unchanged: the same object.

        A last line that is not finished, because its writer was killed, is not read.

        Raises ArtefactError: a line is damaged (it is named), or the file is no plain file.
        """
        self._catch_up()
        if self._replay.tags is None:
            of = dict(self._replay.of)
            counts = Counter(tag for tags in of.values() for tag in tags)
            self._replay.tags = Tags(MappingProxyType(of), MappingProxyType(dict(sorted(counts.items()))))
        return self._replay.tags

    def tag(self, image_ids: Iterable[int], *, tag: str) -> int:
        """Give `tag` to images in one operation, and return how many did not have it.

        Raises RequestError: no such tag can be given, or the audit cannot be written; BusyError; ArtefactError.
        """
        return self._operate("tag", image_ids, tag=tag)

    def untag(self, image_ids: Iterable[int], *, tag: str) -> int:
        """Take `tag` from images in one operation, and return how many had it. Raises as `tag` does."""
        return self._operate("untag", image_ids, tag=tag)

    def undo(self) -> Tagging:
        """Undo the last operation that is not undone, and return it: `tag`, `op` and the `image_ids` it changed.

        Raises RequestError: there is nothing to undo, or the audit cannot be written; BusyError; ArtefactError.
        """
        with held(self.path):
            self._catch_up()
            if not self._replay.done:
                raise RequestError("there is nothing to undo", where=self.path, fix="tag an image first")
            undone = self._replay.done[-1]
            self._append(Undoing(op="undo", at=_now()))
        return undone

    def _operate(self, op: Literal["tag", "untag"], image_ids: Iterable[int], *, tag: str) -> int:
        checked_tag(tag)
        with held(self.path):
            self._catch_up()
            changed = self._replay.changed(image_ids, op=op, tag=tag)
            if changed:
                self._append(Tagging(op=op, tag=tag, image_ids=changed, at=_now()))
        return len(changed)

    def _catch_up(self) -> None:
        """Read the lines that were added; all of them if another file has taken the place of the one known."""
        try:
            with open(self.path, "rb", opener=_plain) as file:
                state = os.fstat(file.fileno())
                if not stat.S_ISREG(state.st_mode) or state.st_size > _LARGEST:
                    raise ArtefactError("is no file of tags", where=self.path, fix="move it away")
                if state.st_ino != self._replay.inode or state.st_size < self._replay.bytes:
                    self._replay = _Replay(inode=state.st_ino)
                file.seek(self._replay.bytes)
                *lines, last = file.read().split(b"\n")
        except FileNotFoundError:
            if self._replay.inode is not None:
                self._replay = _Replay()
            return
        except OSError as error:
            raise ArtefactError(f"cannot be read ({error.strerror})", where=self.path, fix="mend that") from None
        for line in lines:
            self._take(line)
            self._replay.bytes += 1
            self._replay.lines += 1
            self._replay.in_line = False
        if _is_whole(last):
            self._take(last)
            self._replay.in_line = True

    def _take(self, line: bytes) -> None:
        if line.strip():
            where = f"{self.path}, line {self._replay.lines + 1}"
            try:
                operation = _LINE.validate_json(line)
            except (ValidationError, RequestError):
                raise ArtefactError("is damaged", where=where, fix=_MEND) from None
            if isinstance(operation, Undoing) and not self._replay.done:
                raise ArtefactError("undoes what is not there", where=where, fix=_MEND)
            self._replay.take(operation)
        self._replay.bytes += len(line)

    def _append(self, operation: Tagging | Undoing) -> None:
        """Add a line, in place of an unfinished one, which nobody has read."""
        line = operation.model_dump_json().encode() + b"\n"
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.truncate(self._replay.bytes)
                file.seek(self._replay.bytes)
                file.write(b"\n" + line if self._replay.in_line else line)
                file.flush()
                os.fsync(handle)
                self._replay.inode = os.fstat(handle).st_ino
                self._replay.bytes = file.tell()
        except OSError as error:
            error.filename = str(self.path)  # a full disk does not say so
            raise
        self._replay.lines += 1 + self._replay.in_line
        self._replay.in_line = False
        self._replay.take(operation)


def _plain(path: str, flags: int) -> int:
    """Open a file that may be foreign: no link is followed, no pipe waited for."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _is_whole(line: bytes) -> bool:
    """Tell whether a line without its end is a JSON value; no beginning of an object is one."""
    try:
        from_json(line)
    except ValueError:
        return False
    return True


def _now() -> str:
    return datetime.now(UTC).isoformat("T", "seconds")
