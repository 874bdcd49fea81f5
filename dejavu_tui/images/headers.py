"""The header of an image file and its end, without decoding what lies between."""

from pathlib import Path

from dejavu_tui.errors import ImageError
from dejavu_tui.images.pixels import FIX, decode, opened
from dejavu_tui.text import safe_text

_PNG_END = b"IEND\xaeB`\x82"
_TAIL = 1024
_SCAN, _JPEG_END = b"\xff\xda", b"\xff\xd9"


def read_header(data: bytes, *, where: Path | str) -> tuple[int, int]:
    """Return width and height of the image file `data`. It is refused as `pixels.decode` refuses it for its format
    and its size, and where it was cut off; damage between header and end is not seen.

    BMP and PPM files are decoded: they do not say where they end. Raises ImageError.
    """
    image = opened(data, where=where)
    if image.format not in _ENDS:
        return decode(data, where=where).size
    if not _ENDS[image.format](data):
        raise ImageError("is cut off", where=safe_text(str(where)), fix=FIX)
    return image.size


def _jpeg_ends(data: bytes) -> bool:
    """Tell whether an end-of-image marker follows the first scan: no byte pair within a scan looks like one.

    Segments before it, which may hold a thumbnail with a scan and an end of its own, are stepped over.
    """
    place = 2
    while data[place : place + 1] == b"\xff":
        if data[place : place + 2] == _SCAN:
            at_the_end = (
                data.rfind(_JPEG_END, max(place, len(data) - _TAIL)) >= 0
            )  # as nearly always, and found sooner
            return at_the_end or data.find(_JPEG_END, place) >= 0
        fills = data[place + 1 : place + 2] == b"\xff"  # a marker may be preceded by any number of them
        place += 1 if fills else 2 + int.from_bytes(data[place + 2 : place + 4])
    return False


def _png_ends(data: bytes) -> bool:
    return data.rfind(_PNG_END) > 0


def _webp_ends(data: bytes) -> bool:
    return len(data) >= 8 + int.from_bytes(data[4:8], "little")


_ENDS = {"JPEG": _jpeg_ends, "PNG": _png_ends, "WEBP": _webp_ends}
