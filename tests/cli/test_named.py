import io
import sys
from pathlib import Path

import pytest
import typer

from dejavu_cli.named import audit_and_images


def test_a_line_ends_only_where_lines_of_a_pipe_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("3\r\na/b\u2028c\x85.png\n\n d\x0c\n5"))
    monkeypatch.chdir(tmp_path)
    assert audit_and_images(["-", "7"]) == (None, ["3", "a/b\u2028c\x85.png", " d\x0c", "5", "7"])


def test_an_audit_alone_names_no_image(tmp_path: Path) -> None:
    (tmp_path / "audit.toml").touch()
    with pytest.raises(typer.BadParameter, match="name an image"):
        audit_and_images([str(tmp_path)])
    assert audit_and_images([str(tmp_path), "3"]) == (tmp_path, ["3"])
