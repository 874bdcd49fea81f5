"""Text that came from a file, made safe to show in a terminal."""

import unicodedata

_VISIBLE_FORMAT = {0x200C, 0x200D}  # ZWNJ and ZWJ: needed by real scripts and emoji, they move nothing


def safe_text(text: str, *, limit: int | None = None) -> str:
    r"""Return `text` with everything that could drive a terminal written visibly, as `\x1b` or `\u202e`.

    Replaced are the C0 and C1 control characters, DEL, line and paragraph separators, the Unicode format
    characters (bidirectional overrides, zero width marks), unassigned and private code points, and lone
    surrogates. A result longer than `limit` characters is cut and ends in an ellipsis.
    """
    shown = "".join(_escape(ch) for ch in text)
    if limit is not None and len(shown) > limit:
        return shown[: max(limit - 1, 0)] + "…"
    return shown


def _escape(ch: str) -> str:
    code = ord(ch)
    category = unicodedata.category(ch)
    if (category[0] == "C" and code not in _VISIBLE_FORMAT) or category in ("Zl", "Zp"):
        if code < 0x100:
            return f"\\x{code:02x}"
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return ch
