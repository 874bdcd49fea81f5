import sys

import pytest

from dejavu_tui.app import terminal
from dejavu_tui.app.terminal import Typed, choose_images, recognise
from dejavu_tui.app.widgets.picture import Mode
from dejavu_tui.errors import RequestError


@pytest.mark.parametrize(
    ("answer", "mode"),
    [
        (b"", "half"),
        (b"\x1b[?1;2c", "half"),
        (b"\x1b[?62;4;22c", "sixel"),
        (b"\x1b[?64;14;44c", "half"),
        (b"\x1b_Gi=31;OK\x1b\\\x1b[?62;c", "kitty"),
        (b"\x1b_Gi=31;OK\x1b\\\x1b[?62;4c", "sixel"),
        (b"\x1b_Gi=31;ENOTSUPPORTED\x1b\\\x1b[?62c", "half"),
        (b"q\x1b[?62;4", "sixel"),
    ],
)
def test_what_a_terminal_says_it_can(answer: bytes, mode: Mode) -> None:
    assert recognise(answer) == mode


@pytest.mark.parametrize("variable", ["TMUX", "SSH_TTY", "SSH_CONNECTION", "STY"])
def test_remote_terminals_are_not_asked(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> bytes:
        raise AssertionError("asked")

    monkeypatch.setenv(variable, "x")
    monkeypatch.setattr(terminal, "_answer", never)
    assert choose_images("auto") == "half"


def test_a_stream_that_is_no_terminal_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for variable in ("TMUX", "SSH_TTY", "SSH_CONNECTION", "STY"):
        monkeypatch.delenv(variable, raising=False)
    with open("/dev/null") as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        assert choose_images("auto") == "half"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("typed", ["kitty", "sixel"])
def test_sharp_pictures_need_the_extra(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "find_spec", lambda _: None)
    with pytest.raises(RequestError, match="textual-image"):
        choose_images(typed)


@pytest.mark.parametrize("typed", ["half", "none"])
def test_half_cells_and_none_are_as_typed(typed: Typed) -> None:
    assert choose_images(typed) == typed
