"""Images as they are typed: ids or paths after the audit, or read from stdin."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from dejavu_cli.output import STDOUT


def audit_and_images(words: Sequence[str]) -> tuple[Path | None, list[str]]:
    """Return the audit folder, if one stands before the images, and the images, those on stdin too.

    Raises BadParameter: no image is named.
    """
    from dejavu_tui.workspace import SETTINGS_FILE

    first = Path(words[0])
    folder = first if os.path.isfile(first / SETTINGS_FILE) else None  # Path.is_file raises where a name is long
    typed = words if folder is None else words[1:]
    if not typed:
        raise typer.BadParameter("name an image after the audit", param_hint="IMAGE")
    named: list[str] = []
    for word in typed:
        named += _lines(sys.stdin.read()) if word == STDOUT else [word]
    return folder, named


def _lines(text: str) -> list[str]:
    """Return the lines of `text` that are not blank. A path may hold what `str.splitlines` takes for an end too."""
    return [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
