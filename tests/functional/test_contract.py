"""What holds for every command, tried on processes: help, stdout and stderr, exit codes, one-line errors."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dejavu_cli.main import command_names
from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit

BIN = Path(sys.executable).parent
COMMANDS = sorted(command_names())
README = Path(__file__).parents[2] / "README.md"


def dejavu(*words: str | Path, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    line = [str(BIN / "dejavu"), *map(str, words)]
    return subprocess.run(
        line, cwd=cwd, capture_output=True, text=True, timeout=120, check=False, env=os.environ | (env or {})
    )


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("contract"), external=4)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_stands_in_the_readme(command: str, tmp_path: Path) -> None:
    done = dejavu(command, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "Usage" in done.stdout
    assert done.stderr == ""
    assert f"dejavu {command}" in README.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["dejavu", "dejavu-tui"])
def test_the_bare_command_is_its_help(name: str, tmp_path: Path) -> None:
    bare = subprocess.run([str(BIN / name)], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (bare.returncode, bare.stderr) == (0, "")
    assert "Usage" in bare.stdout
    codes = bare.stdout[bare.stdout.index("Exit codes") :].strip().splitlines()
    assert all(len(line.strip()) > 60 for line in codes[:-1]), "the paragraph is broken at the edge only"


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_option_is_a_usage_error_with_empty_stdout(command: str, tmp_path: Path) -> None:
    done = dejavu(command, "--no-such-option", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--no-such-option" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("score",),
        ("classes",),
        ("histogram",),
        ("top",),
        ("show", "1"),
        ("runs",),
        ("index",),
        ("export-onnx",),
        ("train", "--method", "simclr"),
        ("plot", "confidence", "-o", "f.png"),
    ],
)
def test_without_an_audit_the_command_that_makes_one_is_named(words: tuple[str, ...], tmp_path: Path) -> None:
    done = dejavu(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "dejavu split IMAGES" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("beside", [False, True])
def test_the_users_lines_work_inside_and_beside_the_audit(audit: Audit, beside: bool) -> None:
    here = audit.root.parent if beside else audit.root
    sweep = dejavu("score", "--epochs-sweep", cwd=here)
    assert sweep.returncode == 0, sweep.stderr
    header, *rows = sweep.stdout.splitlines()
    assert header.startswith("run,method,arch,epoch,")
    assert len(rows) == 2 * 4 * 2
    exported = dejavu("export-onnx", cwd=here)
    assert exported.returncode == 0, exported.stderr
    assert all(line.endswith("encoder.onnx") for line in exported.stdout.splitlines())


def test_the_same_command_twice_gives_the_same_bytes_whatever_the_threads(audit: Audit) -> None:
    told = []
    for threads in ("1", "2"):
        for room in ("embeddings", "neighbours", "indexes", "scores"):  # nothing is reused
            shutil.rmtree(audit.root / room, ignore_errors=True)
        done = dejavu("score", "--epochs-sweep", cwd=audit.root, env={"OMP_NUM_THREADS": threads})
        assert done.returncode == 0
        files = sorted((audit.root / "neighbours").rglob("*.npy"))
        told.append((done.stdout, [path.read_bytes() for path in files]))
    assert told[0][1]
    assert told[0] == told[1]
    assert dejavu("score", "--epochs-sweep", cwd=audit.root).stdout == told[0][0]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("score", "--run", "plantd"), 2, "planted"),
        (("score", "--epoch", "7"), 2, "no snapshot at epoch 7"),
        (("score", "--k", "500"), 2, "X holds 80 images"),
        (("score", "--layer", "projecter"), 2, "projector"),
        (("train", "--method", "simclrr"), 2, "simclr"),
        (("train", "--method", "simclr", "--set", "ephocs=3"), 2, "epochs"),
        (("score", "--out", "no/such/folder/f.csv"), 2, "no such folder"),
        (("query", "missing.png"), 2, "missing.png"),
    ],
)
def test_what_cannot_be_done_is_one_line_that_says_what_to_do(
    audit: Audit, words: tuple[str, ...], code: int, said: str
) -> None:
    before = sorted(audit.root.rglob("*"))
    done = dejavu(*words, cwd=audit.root)
    errors = [line for line in done.stderr.splitlines() if line.startswith("dejavu: error: ")]
    assert (done.returncode, done.stdout) == (code, "")
    assert len(errors) == 1
    assert said in errors[0]
    assert "Traceback" not in done.stderr
    assert sorted(audit.root.rglob("*")) == before


def test_a_damaged_artefact_is_named_and_never_scored(audit: Audit) -> None:
    dejavu("score", cwd=audit.root)
    matrix = next(audit.root.glob("embeddings/**/*.npy"))
    original = matrix.read_bytes()
    try:
        matrix.write_bytes(original[:-1] + bytes([original[-1] ^ 1]))
        for folder in ("scores", "neighbours"):
            shutil.rmtree(audit.root / folder, ignore_errors=True)
        done = dejavu("score", "--epochs-sweep", cwd=audit.root)
        assert (done.returncode, done.stdout) == (3, "")
        assert matrix.name in done.stderr
    finally:
        matrix.write_bytes(original)


def test_a_reader_that_leaves_early_is_no_trouble(audit: Audit) -> None:
    line = f"{BIN / 'dejavu'} score --epochs-sweep --directions 2> errors.txt | head -3"
    done = subprocess.run(
        ["/bin/bash", "-c", line], cwd=audit.root, capture_output=True, text=True, timeout=120, check=True
    )
    errors = (audit.root / "errors.txt").read_text(encoding="utf-8")
    assert len(done.stdout.splitlines()) == 3
    assert "error" not in errors.lower()
    assert "Traceback" not in errors


def test_fail_above_prints_the_table_and_exits_with_5(audit: Audit) -> None:
    done = dejavu("score", "--fail-above", "-1", cwd=audit.root)
    assert done.returncode == 5
    assert done.stdout.startswith("run,")
    assert dejavu("score", "--fail-above", "1", cwd=audit.root).returncode == 0


def test_scoring_exported_encoders_loads_no_torch(audit: Audit) -> None:
    code = (
        "import sys\nsys.argv = ['dejavu', 'score', '--epochs-sweep', '--out', sys.argv[1]]\n"
        "from dejavu_cli.main import run\n"
        "try:\n    run()\nexcept SystemExit as leave:\n    assert not leave.code\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "sys.exit(str(loaded & {'torch', 'textual', 'matplotlib'}) if loaded & {'torch', 'textual'} else 0)"
    )
    out = str(audit.root.parent / "s.csv")
    done = subprocess.run(
        [sys.executable, "-c", code, out], cwd=audit.root, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
