"""An audit to browse, a home of its own for each test, and terminals that are closed at the end."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit
from tests.functional.browse.terminal import COMMAND, Terminal, opened


@pytest.fixture(scope="package")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is kept of one start is there for the next of the same test, and no other."""
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    return tmp_path


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    started: list[Terminal] = []
    yield started
    for terminal in started:
        terminal.child.close(force=True)


@pytest.fixture
def start(audit: Audit, terminals: list[Terminal]) -> Callable[..., Terminal]:
    """Start browse on the planted audit and wait for its screen."""

    def started(*options: str, columns: int = 80, rows: int = 24, **env: str) -> Terminal:
        command = [COMMAND, "browse", str(audit.root), "--images", "half", *options]
        terminal = Terminal(command, columns=columns, rows=rows, **env)
        terminals.append(terminal)
        terminal.see(opened)
        return terminal

    return started
