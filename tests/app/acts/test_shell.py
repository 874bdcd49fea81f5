"""What is copied can be pasted into a shell, whatever it holds."""

import os
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejavu_tui.app.acts import shell

BASH = shutil.which("bash")
NAMES = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=12)


@pytest.mark.skipif(BASH is None, reason="no bash")
@settings(max_examples=40, deadline=None)
@given(st.lists(NAMES | st.sampled_from(["\x1b]52;c;AA\a", "a\nrm -rf x", "'", "\\", "a b", "\udcff"]), min_size=1))
def test_a_line_is_printable_and_gives_the_words_back(words: list[str]) -> None:
    line = shell.line(words)
    assert line.isprintable()
    done = subprocess.run([str(BASH), "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True)
    assert done.stdout.split(b"\0")[:-1] == [os.fsencode(word) for word in words]


def test_plain_words_and_paths_stay_as_they_are() -> None:
    assert shell.line(["dejavu", "top", "--filter", "kind:memorized conf>-1"]) == (
        "dejavu top --filter 'kind:memorized conf>-1'"
    )
    assert shell.path("/a b/c.png") == "/a b/c.png"
    assert shell.path("/a\nb") == "$'/a\\x0ab'"
