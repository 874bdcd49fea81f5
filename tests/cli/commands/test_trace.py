import io
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from dejavu_tui.workflows.score import score_run
from dejavu_tui.workflows.trace import trace
from dejavu_tui.workspace import Audit
from tests.cli.commands.test_score import DEJAVU, dejavu
from tests.data.planted import LAYERS, planted_audit


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    audit = planted_audit(tmp_path_factory.mktemp("planted"), images=12, attacked=2, k=3)
    score_run(audit, epochs=(10, 20))
    return audit


def test_it_prints_the_rows_of_the_trace_image_by_image(audit: Audit) -> None:
    first, second = audit.attacked()["image_id"].to_list()[:2]
    done = dejavu("trace", str(audit.root), str(second), str(first), "--format", "jsonl", cwd=audit.root.parent)
    assert (done.returncode, done.stderr) == (0, "")
    both = [trace(audit, image_id).table for image_id in (second, first)]
    assert pl.read_ndjson(io.StringIO(done.stdout), schema=both[0].schema).equals(pl.concat(both))
    path = audit.attacked()["path"][0]
    piped = subprocess.run(
        [sys.executable, "-c", DEJAVU, "trace", str(audit.root), "-", "--format", "jsonl"],
        input=f"{second}\n{path}\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert piped.stdout == done.stdout


def test_a_table_has_a_line_for_each_point(audit: Audit) -> None:
    image_id = int(audit.attacked()["image_id"][0])
    lines = dejavu("trace", str(image_id), "--format", "table", cwd=audit.root).stdout.splitlines()
    path, part, name = audit.attacked().select("path", "part", "label_name").row(0)
    assert lines[0] == f"image {image_id}  {path}  part {part}  class {name}"
    assert lines[1] == "run planted  layer projector  k 3"
    assert [line.split()[0] for line in lines[-2:]] == ["10", "20"]


def test_what_is_not_stored_is_said_and_made_when_asked(audit: Audit) -> None:
    image_id = str(audit.attacked()["image_id"][0])
    words = ("trace", image_id, "--over", "layers", "--epoch", "20")
    done = dejavu(*words, cwd=audit.root)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 2
    assert "epoch 20, backbone: not embedded; dejavu score --run planted --epoch 20 --layer backbone" in done.stderr
    made = dejavu(*words, "--make", cwd=audit.root)
    assert [line.split(",")[2] for line in made.stdout.splitlines()[1:]] == list(LAYERS)
    assert dejavu(*words, cwd=audit.root).stdout == made.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [(("{public}",), "is in X"), (("gone.png",), "no image 'gone.png'"), (("{id}", "--over", "moons"), "moons")],
)
def test_what_cannot_be_asked(audit: Audit, words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    names = {"public": audit.members("X")["image_id"][0], "id": audit.attacked()["image_id"][0]}
    done = dejavu("trace", str(audit.root), *(word.format(**names) for word in words), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


@pytest.mark.parametrize(
    ("over", "option", "value"),
    [("epochs", "--epoch", "20"), ("layers", "--layer", "backbone"), ("runs", "--run", "planted")],
)
def test_what_changes_along_a_trace_cannot_be_chosen(audit: Audit, over: str, option: str, value: str) -> None:
    image_id = str(audit.attacked()["image_id"][0])
    done = dejavu("trace", image_id, "--over", over, option, value, cwd=audit.root)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"is what changes over {over}" in done.stderr
