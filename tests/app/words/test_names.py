from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from dejavu_tui.app.words.names import message, short
from dejavu_tui.text import safe_text


def test_runs_that_differ_at_the_end_are_told_apart_in_little_room() -> None:
    names = "simclr-convnet-100", "simclr-convnet-200", "simclr-convnet"
    for width in range(6, 19):
        assert len({short(name, width) for name in names}) == 3, width
    assert short("simclr-convnet-200", 13) == "simclr…et-200"


def test_what_fits_is_whole() -> None:
    assert short("simclr-convnet", 14) == "simclr-convnet"
    assert message("There is no tag.", 16, lines=1) == "There is no tag."


@given(st.text(max_size=80), st.integers(0, 60))
def test_names_keep_their_ends_and_to_the_room(name: str, width: int) -> None:
    shown = short(name, width)
    whole = safe_text(name)
    assert cell_len(shown) <= width
    if cell_len(whole) <= width:
        assert shown == whole
    elif width > 1:
        start, _, end = shown.partition("…") if "…" not in whole else ("", "", "")
        assert whole.startswith(start)
        assert whole.endswith(end)
        assert cell_len(shown) >= width - 2  # a wide sign at either end may not fit


@given(st.text(max_size=300), st.integers(1, 120), st.integers(1, 3))
def test_messages_keep_to_the_lines(text: str, width: int, lines: int) -> None:
    assert Content(message(text, width, lines=lines)).get_height({}, width) <= lines


def test_a_long_path_in_a_message_gives_way_before_its_words_do() -> None:
    text = f"/home/{'very-long/' * 20}settings.toml: epochs is no number; restore it from a copy"
    shown = message(text, 60, lines=2)
    assert shown.startswith("/home/very")
    assert "settings.toml: epochs is no number; restore it from a copy" in shown
