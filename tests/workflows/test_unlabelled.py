"""An audit in which images without a label are trained on: from the split to the commands that show results."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from dejavu_tui.errors import RequestError
from dejavu_tui.records import View, never, silent
from dejavu_tui.workflows.pairs import prepare_pairs
from dejavu_tui.workflows.probe import probe_pair
from dejavu_tui.workflows.run_settings import prepare
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workflows.shown import shown_to
from dejavu_tui.workflows.split import plan, settings_for, write
from dejavu_tui.workflows.train import train_run
from dejavu_tui.workflows.trained import trained_on
from dejavu_tui.workspace import Audit
from tests.data.folders import build_folder
from tests.functional.test_contract import dejavu
from tests.workflows.trainings import SMALL, small_run

UNLABELLED = 12


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """A and B hold 9 attacked images, and some of the UNLABELLED ones; encoders of three epochs."""
    root = tmp_path_factory.mktemp("unlabelled")
    source = build_folder(root / "pictures", classes=4, per_class=12, side=16, boxes=False)
    paths = sorted(path.relative_to(source).as_posix() for path in source.rglob("*.png"))
    labels = [None if n < UNLABELLED else path.split("/")[1] for n, path in enumerate(paths)]
    rows = [{"path": path, "label": label} for path, label in zip(paths, labels, strict=True)]
    (source / "manifest.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    settings = settings_for(source, per_class=3, k=5, crop="corner", sizes=(8,))
    made = write(plan(source, settings), root / "audit")
    name, asked = small_run(made)
    train_run(made, name, asked, progress=silent, stop=never)
    return made


def test_they_are_trained_on_alike_and_never_attacked(audit: Audit) -> None:
    sizes = []
    for trainer in ("A", "B"):
        members = trained_on(audit, trainer, size=None)
        nameless = members.filter(pl.col("label").is_null())
        assert nameless.join(audit.attacked(), on="image_id", how="semi").is_empty()
        sizes.append((members.height, nameless.height, trained_on(audit, trainer, size=8)["label"].null_count()))
    assert sizes[0] == sizes[1]
    assert min(sizes[0]) > 0
    assert audit.classes == 3
    assert audit.class_names["label_name"].to_list() == ["class1", "class2", "class3"]
    assert audit.members("X")["label"].null_count() == 0


def test_the_probe_leaves_them_out(audit: Audit) -> None:
    (pair,), _ = prepare_pairs(audit, run=None, epochs=None, layers=("projector",), progress=silent, stop=never)
    views: tuple[View, ...] = ("own", "heldout")
    for view in views:
        shown = shown_to(audit, pair.encoders["A"], view)
        assert shown["label"].null_count() == 0
        assert shown.height == 9
    assert probe_pair(audit, pair, progress=silent, stop=never)["A"].heldout == "9 images of B"
    assert score_run(audit, tops=(100,))["n"].to_list() == [18]


@pytest.mark.parametrize(
    "words",
    [("top", "--kind", "all"), ("classes",), ("score", "--probe"), ("runs",), ("query", "0")],
)
def test_the_commands_bear_them(audit: Audit, words: tuple[str, ...]) -> None:
    done = dejavu(words[0], audit.root, *words[1:], cwd=audit.root)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_asked_for_it_is_told_why_it_is_not_attacked(audit: Audit) -> None:
    nameless = trained_on(audit, "A", size=None).filter(pl.col("label").is_null())["image_id"][0]
    done = dejavu("show", audit.root, str(nameless), cwd=audit.root)
    assert done.returncode == 2
    assert f"image {nameless} of A is not attacked (no label)" in done.stderr


def test_methods_that_learn_from_labels_refuse(audit: Audit, tmp_path: Path) -> None:
    shutil.copytree(audit.root.parent, tmp_path / "copy")
    copy = Audit(tmp_path / "copy" / "audit")
    name, asked = prepare(copy, method="supervised", epochs=1, snapshots=(1,), size=None, assignments=SMALL)
    with pytest.raises(RequestError, match=r"supervised learns from labels, and [0-9]+ of [0-9]+ images"):
        train_run(copy, name, asked, progress=silent, stop=never)
    assert not copy.run_folder(name).exists()
