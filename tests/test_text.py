import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.text import safe_text

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()))


@given(ANY_TEXT)
def test_nothing_that_drives_a_terminal_remains(text: str) -> None:
    for ch in safe_text(text):
        assert unicodedata.category(ch)[0] != "C" or ch in "\u200c\u200d"
        assert unicodedata.category(ch) not in ("Zl", "Zp")


@given(ANY_TEXT)
def test_result_can_be_encoded_and_is_stable(text: str) -> None:
    safe = safe_text(text)
    safe.encode("utf-8")
    assert safe_text(safe) == safe


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "S", "Zs"))))
def test_plain_text_is_left_alone(text: str) -> None:
    assert safe_text(text) == text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a\x1b]52;c;eA==\x07", "a\\x1b]52;c;eA==\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("x\u202egnp.exe", "x\\u202egnp.exe"),
        ("\udcff", "\\udcff"),
        ("two\nlines", "two\\x0alines"),
        ("日本 é", "日本 é"),
    ],
)
def test_known_attacks_become_visible(raw: str, shown: str) -> None:
    assert safe_text(raw) == shown


@given(ANY_TEXT, st.integers(1, 40))
def test_limit_is_kept(text: str, limit: int) -> None:
    assert len(safe_text(text, limit=limit)) <= limit
