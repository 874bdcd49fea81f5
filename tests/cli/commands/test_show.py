import json
import subprocess
from pathlib import Path

import pytest

from dejavu_tui.workflows.show import COLUMNS
from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit
from tests.functional.test_contract import BIN, dejavu


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), external=4, memory={20: 1.0})


def test_csv_repeats_the_image_for_each_neighbour_of_both_encoders(audit: Audit, tmp_path: Path) -> None:
    path = audit.attacked()["path"][0]
    beside = dejavu("show", path, "-n", "2", cwd=audit.root)
    assert beside.returncode == 0, beside.stderr
    assert "search: exact, recall 1.0000" in beside.stderr.splitlines()
    header, *rows = (line.split(",") for line in beside.stdout.splitlines())
    assert tuple(header) == COLUMNS
    assert [row[header.index("encoder")] for row in rows] == ["target", "target", "reference", "reference"]
    assert {row[header.index("path")] for row in rows} == {path}
    named = dejavu("show", str(audit.root), str(audit.source / path), "-n", "2", cwd=tmp_path)
    assert named.stdout == beside.stdout
    assert len(dejavu("show", path, cwd=audit.root).stdout.splitlines()) == 1 + 2 * 10


def test_ids_come_from_stdin(audit: Audit) -> None:
    ids = audit.attacked()["image_id"].to_list()[:3]
    done = subprocess.run(
        [str(BIN / "dejavu"), "show", "-", "-n", "1", "--format", "jsonl"],
        cwd=audit.root,
        input="\n".join(map(str, ids)) + "\n\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert [json.loads(line)["image_id"] for line in done.stdout.splitlines()] == [i for i in ids for _ in "AB"]


def test_a_table_tells_who_guesses_what_from_which_votes(audit: Audit) -> None:
    row = next(audit.attacked().filter(part="B").iter_rows(named=True))
    text = dejavu("show", str(row["image_id"]), "--format", "table", "-n", "3", cwd=audit.root).stdout
    assert text.startswith(f"image {row['image_id']}  {row['path']}\n{row['label_name']}, in B, ")
    assert "shown was the crop of 20x40 pixels at (20, 0)" in text
    assert f"target SSL_B, trained on it, guesses {row['label_name']}: right, confidence " in text
    assert "reference SSL_A, never saw it, guesses " in text
    assert f"votes of 10: {row['label_name']} * 10\n" in text
    assert "7 more voted; -n 10 shows all" in text


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_line_is_wider_than_the_terminal(audit: Audit, width: int) -> None:
    image_id = str(audit.attacked()["image_id"][0])
    text = dejavu("show", image_id, "--format", "table", cwd=audit.root, env={"COLUMNS": str(width)}).stdout
    assert max(map(len, text.splitlines())) <= width
    lists = [line for line in text.splitlines() if line.startswith("rank")]
    assert len(lists) == (1 if width == 200 else 2), "side by side where there is room"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["999"], "no image '999'"),
        (["."], "name an image"),
        (["0", "-n", "0"], "-n"),
        (["nowhere", "0"], "nowhere"),
        (["n" * 300], "no image 'nnn"),
    ],
)
def test_what_cannot_be_shown(audit: Audit, words: list[str], said: str) -> None:
    done = dejavu("show", *words, cwd=audit.root)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
