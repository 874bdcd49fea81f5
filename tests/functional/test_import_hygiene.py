"""The walls as a process sees them: a deferred import hides from the static graph, not from `sys.modules`."""

import subprocess
import sys

import pytest

from dejavu_cli.main import command_names

HEAVY = {"torch", "textual", "polars", "matplotlib", "onnxruntime", "hnswlib", "faiss", "numpy"}
COMMANDS = sorted(command_names())


def loaded_by(script: str, *arguments: str) -> set[str]:
    """Top-level names of all modules that are loaded when console script `script` has answered `arguments`."""
    module, function = {"dejavu": ("main", "run"), "dejavu-tui": ("browse", "run")}[script]
    code = (
        "import sys\n"
        f"sys.argv = ['{script}', *{arguments!r}]\n"
        f"from dejavu_cli.{module} import {function}\n"
        f"try:\n    {function}()\n"
        "except SystemExit as leave:\n    assert not leave.code, leave.code\n"
        "print('\\n' + ' '.join({name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("line", ["dejavu --help", "dejavu-tui --help", "dejavu-tui browse --help"])
def test_help_loads_nothing_heavy(line: str) -> None:
    assert loaded_by(*line.split()) & HEAVY == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_loads_nothing_heavy(command: str) -> None:
    assert loaded_by("dejavu", command, "--help") & HEAVY == set()


@pytest.mark.parametrize(
    ("room", "foreign"),
    [
        ("images.pixels", {"torch", "textual", "matplotlib", "onnxruntime", "faiss", "hnswlib"}),
        ("splits.parts", {"torch", "textual", "matplotlib", "onnxruntime", "faiss", "hnswlib"}),
        ("embeddings.session", {"torch", "textual", "matplotlib", "faiss", "hnswlib"}),
        ("neighbours.exact", {"torch", "textual", "matplotlib", "onnxruntime"}),
        ("scores.rows", {"torch", "textual", "matplotlib", "onnxruntime", "faiss", "hnswlib"}),
        ("listing.places", {"torch", "textual", "matplotlib", "onnxruntime", "faiss", "hnswlib"}),
        ("workflows.score", {"torch", "textual", "matplotlib"}),
        ("workflows.browse", {"torch", "textual", "matplotlib", "onnxruntime", "faiss"}),
        ("app", {"torch", "matplotlib"}),
    ],
)
def test_a_room_loads_no_foreign_library(room: str, foreign: set[str]) -> None:
    code = f"import sys, dejavu_tui.{room}; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert set(done.stdout.split()) & foreign == set()
