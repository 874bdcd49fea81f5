"""A command as one types it: with the audit named where it would not be found from where one is."""

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from dejavu_tui.errors import RequestError
from dejavu_tui.workspace import Audit, find_audit


def command(audit: Audit, words: Sequence[str], *, start: Path | None = None) -> str:
    """Return `dejavu` and `words` (the command, then its options) as a shell in `start` runs them on `audit`.

    `start` None: the current folder. The text may hold names out of files: show it through `safe_text`.
    """
    here = (start or Path.cwd()).resolve()
    name, *options = words
    return shlex.join(["dejavu", name, *_named(audit, here), *options])


def _named(audit: Audit, here: Path) -> list[str]:
    """Return the audit as an argument, or nothing where it is found without."""
    try:
        if find_audit(start=here).root == audit.root:
            return []
    except RequestError:
        pass  # none here, or several
    if audit.root.is_relative_to(here):
        return [os.path.join(".", audit.root.relative_to(here))]  # ./-name is no option
    return [str(audit.root)]
