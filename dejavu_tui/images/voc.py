"""Bounding boxes: read from VOC XML files, which are not trusted."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Never
from xml.sax import SAXException
from xml.sax.expatreader import ExpatLocator
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml.common import DefusedXmlException
from defusedxml.sax import make_parser

from dejavu_tui.errors import AnnotationError
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.files import read_regular, reason
from dejavu_tui.text import safe_text

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_OBJECTS = 1000
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_OBJECT, _BOX, _SIZE = "/annotation/object", "/annotation/object/bndbox", "/annotation/size"
_OF_NUMBERS = (_BOX, _SIZE)
_NUMBERS = frozenset([f"{_BOX}/{name}" for name in _CORNERS] + [f"{_SIZE}/{name}" for name in ("width", "height")])


@dataclass(frozen=True)
class Annotation:
    """What one file says: the boxes, each once and in order, and the image size it was written for, if given."""

    path: Path
    boxes: tuple[Box, ...]
    size: tuple[int, int] | None


def parse_voc(path: Path) -> Annotation:
    """Read `annotation/object/bndbox` of the VOC file at `path`; the numbers are half-open as written.

    A fractional box is widened to whole pixels. A file name inside the XML is never used.
    Raises AnnotationError, naming file and line: not a regular file, over 1 MiB, not well-formed, with a
    document type, nested deeper than 32, over 1000 objects, an object without a box, a box without four numbers
    or without area.
    """
    try:
        data = read_regular(path, limit=MAX_BYTES)
    except OSError as error:
        _refuse(f"cannot be read ({reason(error)})", path)
    handler = _Voc(path)
    parser = make_parser()
    parser.setContentHandler(handler)
    handler.setDocumentLocator(ExpatLocator(parser))
    parser.forbid_dtd = True
    try:
        parser.feed(data)
        parser.close()
    except DefusedXmlException:
        _refuse("has a document type or entities, which are not allowed", path)
    except (SAXException, ValueError, LookupError) as error:  # LookupError: an encoding that nobody knows
        text = error.getMessage() if isinstance(error, SAXException) else str(error)
        _refuse(f"is not well-formed XML ({safe_text(text, limit=80)})", handler.place)
    return Annotation(path, tuple(Box(*corners) for corners in sorted(set(handler.corners))), handler.size)


class _Voc(ContentHandler):
    """Follows the paths of open tags and keeps the few texts that matter."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.corners: list[tuple[int, int, int, int]] = []
        self.size: tuple[int, int] | None = None
        self._path = path
        self._locator: Locator | None = None
        self._open = [""]
        self._text = ""
        self._numbers: dict[str, float] = {}
        self._objects = 0

    @property
    def place(self) -> str:
        line = self._locator.getLineNumber() if self._locator else None
        return f"{self._path}, line {line}" if line else str(self._path)

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 - the name in the SAX protocol
        self._locator = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: ARG002, N802
        if len(self._open) == 1 and name != "annotation":
            _refuse(f"is no VOC annotation (its root is {safe_text(name, limit=40)!r})", self.place)
        if len(self._open) > MAX_DEPTH:
            _refuse(f"tags are nested deeper than {MAX_DEPTH}", self.place)
        path = f"{self._open[-1]}/{name}"
        self._open.append(path)
        self._text = ""
        if path == _OBJECT:
            self._objects += 1
            if self._objects > MAX_OBJECTS:
                _refuse(f"has more than {MAX_OBJECTS} objects", self.place)
        elif path in _OF_NUMBERS:
            self._numbers = {}

    def characters(self, content: str) -> None:
        self._text += content

    def endElement(self, name: str) -> None:  # noqa: N802
        path = self._open.pop()
        if path in _NUMBERS:
            self._numbers[name] = self._number(name)
        elif path == _BOX:
            self._box()
        elif path == _SIZE:
            self._size()
        elif path == _OBJECT and len(self.corners) != self._objects:
            _refuse("an object does not have exactly one bndbox", self.place)

    def _number(self, name: str) -> float:
        try:
            value = float(self._text)
        except ValueError:
            value = math.nan
        if not abs(value) < 1e9:
            _refuse(f"{name} is no number: {safe_text(self._text.strip(), limit=40)!r}", self.place)
        return value

    def _box(self) -> None:
        missing = [name for name in _CORNERS if name not in self._numbers]
        if missing:
            _refuse(f"a bndbox has no {missing[0]}", self.place)
        low = [math.floor(self._numbers[name]) for name in ("xmin", "ymin")]
        high = [math.ceil(self._numbers[name]) for name in ("xmax", "ymax")]
        if low[0] >= high[0] or low[1] >= high[1]:
            _refuse(f"the box [{low[0]}, {high[0]}) x [{low[1]}, {high[1]}) has no area", self.place)
        self.corners.append((low[0], low[1], high[0], high[1]))

    def _size(self) -> None:
        size = (int(self._numbers.get("width", 0)), int(self._numbers.get("height", 0)))
        self.size = size if min(size) > 0 else None


def _refuse(what: str, where: Path | str) -> Never:
    raise AnnotationError(what, where=safe_text(str(where)), fix="correct the file or remove it") from None
