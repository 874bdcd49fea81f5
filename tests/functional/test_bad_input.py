"""What bad input gets, a row for each kind: one line that names the place and the way out, nothing half-written."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.data.folders import build_folder, voc
from tests.data.planted import planted_audit
from tests.functional.test_contract import dejavu
from tests.workflows.trainings import small_audit, small_run

SPLIT = ("split", "pictures", "--k", "5", "--per-class", "2")


def state(folder: Path) -> dict[str, bytes]:
    """Return every file below `folder` but locks, which say nothing."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".lock"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def refused(cwd: Path, *words: str, code: int, said: tuple[str, ...]) -> None:
    before = state(cwd)
    done = dejavu(*words, cwd=cwd)
    errors = [line for line in done.stderr.splitlines() if line.startswith("dejavu: error: ")]
    assert (done.returncode, done.stdout, len(errors)) == (code, "", 1), done.stderr
    assert "Traceback" not in done.stderr
    assert "unexpected" not in done.stderr
    assert "; " in errors[0], "what is wrong; what to do next"
    for words_said in said:
        assert words_said in errors[0]
    assert state(cwd) == before


def empty(pictures: Path) -> None:
    shutil.rmtree(pictures / "images")
    (pictures / "images").mkdir()


def truncated(pictures: Path) -> None:
    path = pictures / "images/class0/0003.png"
    path.write_bytes(path.read_bytes()[:-40])


def no_image(pictures: Path) -> None:
    (pictures / "images/class0/0003.png").write_text("no image")


def no_xml(pictures: Path) -> None:
    (pictures / "Annotation/class0/0003.xml").write_text("<annotation><object>")


def unknown_encoding(pictures: Path) -> None:
    path = pictures / "Annotation/class0/0003.xml"
    path.write_text('<?xml version="1.0" encoding="klingon"?>' + voc((0, 0, 9, 9)))


def box_outside(pictures: Path) -> None:
    (pictures / "Annotation/class0/0003.xml").write_text(voc((33, 0, 40, 9)))


def few(pictures: Path) -> None:
    for number in range(3, 12):
        (pictures / f"images/class0/{number:04d}.png").unlink()


def bad_defaults(pictures: Path) -> None:
    (pictures / "split.toml").write_text("per_clas = 3\n")


@pytest.mark.parametrize(
    ("spoil", "code", "said"),
    [
        (empty, 2, ("pictures: holds no images", "class folders")),
        (truncated, 3, ("class0/0003.png: cannot be decoded", "--on-bad skip")),
        (no_image, 3, ("class0/0003.png: is no JPEG", "--on-bad skip")),
        (no_xml, 3, ("class0/0003.xml, line 1: is not well-formed XML", "--on-bad skip")),
        (unknown_encoding, 3, ("class0/0003.xml", "unknown encoding", "--on-bad skip")),
        (box_outside, 3, ("class0/0003.xml: the box [33, 40) x [0, 9) lies outside", "--on-bad skip")),
        (few, 2, ("class 'class0' has 3 images", "--per-class")),
        (bad_defaults, 3, ("split.toml: unknown setting 'per_clas'", "per_class")),
    ],
)
def test_a_folder_that_cannot_be_split(
    tmp_path: Path, spoil: Callable[[Path], None], code: int, said: tuple[str, ...]
) -> None:
    spoil(build_folder(tmp_path / "pictures"))
    refused(tmp_path, *SPLIT, code=code, said=said)


def test_requests_that_a_folder_cannot_meet(tmp_path: Path) -> None:
    build_folder(tmp_path / "pictures")
    refused(tmp_path, *SPLIT[:2], "--k", "500", code=2, said=("k = 500 is larger than", "X of 24 images", "--k"))
    refused(tmp_path, *SPLIT, "--per-class", "6", code=2, said=("class 'class0'", "--per-class"))
    assert dejavu(*SPLIT, cwd=tmp_path).returncode == 0
    refused(tmp_path, *SPLIT, "--seed", "1", code=3, said=("seed: 0 here, 1 asked", "--out"))


def test_an_audit_that_cannot_be_trained(tmp_path: Path) -> None:
    audit = small_audit(tmp_path)
    train = ("train", "--method", "simclr", "--epochs", "2")
    refused(tmp_path, "train", "--method", "simclrr", code=2, said=("simclrr", "did you mean 'simclr'"))
    refused(tmp_path, *train, "--arch", "convnett", code=2, said=("did you mean 'convnet'",))
    refused(tmp_path, *train, "--set", "bach=6", code=2, said=("did you mean 'batch'",))
    refused(tmp_path, *train, "--run", "../x", code=2, said=("a run cannot be called '../x'",))
    refused(tmp_path, "score", "--run", "none", code=2, said=("no run yet", "dejavu train"))
    name, settings = small_run(audit)
    audit.run_folder(name).mkdir(parents=True)
    (audit.run_folder(name) / "settings.toml").write_text(settings.to_toml())
    refused(tmp_path, *train, code=3, said=("settings.toml", "epochs: 3 here, 2 asked", "--run"))
    (audit.run_folder(name) / "settings.toml").write_text("method = ")
    refused(tmp_path, "runs", code=3, said=("settings.toml", "TOML"))


def image_changed(root: Path) -> None:
    Image.new("RGB", (40, 40)).save(root.parent / "images/ant/000.png")


def table_damaged(root: Path) -> None:
    path = root / "crops.parquet"
    path.write_bytes(path.read_bytes()[:-8])


def split_manifest_emptied(root: Path) -> None:
    path = root / "manifest.json"
    path.write_text(path.read_text().replace('"settings"', '"settings_"'))


def settings_changed(root: Path) -> None:
    path = root / "audit.toml"
    path.write_text(path.read_text().replace("seed = 0", "seed = 1"))


def settings_torn(root: Path) -> None:
    (root / "audit.toml").write_text("k = ")


def onnx_damaged(root: Path) -> None:
    path = root / "encoders/planted/onnx/B-000020/encoder.onnx"
    path.write_bytes(path.read_bytes()[:-1])


def card_changed(root: Path) -> None:
    path = root / "encoders/planted/onnx/B-000020/encoder.json"
    path.write_text(path.read_text().replace('"memory"', '"resnet"'))


def source_gone(root: Path) -> None:
    shutil.move(root.parent / "images", root.parent / "elsewhere")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (image_changed, ("000.png: is not as it was at the split", "put the old image back")),
        (table_damaged, ("crops.parquet: is damaged", "restore it")),
        (split_manifest_emptied, ("manifest.json",)),
        (settings_changed, ("audit.toml: was changed after the split", "undo the change")),
        (settings_torn, ("audit.toml: cannot be read as TOML", "restore the file")),
        (onnx_damaged, ("encoder.onnx: is damaged", "remove")),
        (card_changed, ("encoder.json: is damaged", "remove")),
        (source_gone, ("the image folder of this audit is not there", "put it back")),
    ],
)
def test_an_audit_that_cannot_be_scored(
    tmp_path: Path, spoil: Callable[[Path], None], said: tuple[str, ...]
) -> None:
    audit = planted_audit(tmp_path, images=20, attacked=4, memory={20: 1.0})
    spoil(audit.root)
    refused(tmp_path, "score", str(audit.root), code=3, said=said)


@pytest.mark.parametrize(
    ("file", "room", "command"),
    [
        ("vectors.npy", "embeddings", "score"),
        ("ids.npy", "embeddings", "score"),
        ("distances.npy", "neighbours", "score"),
        ("search.json", "neighbours", "score"),
        ("index.bin", "indexes", "index"),
        ("recall.json", "indexes", "index"),
        ("manifest.json", "neighbours", "score"),
    ],
)
def test_a_derived_file_that_is_damaged(tmp_path: Path, file: str, room: str, command: str) -> None:
    audit = planted_audit(tmp_path, images=20, attacked=4, memory={20: 1.0})
    assert dejavu(command, cwd=tmp_path).returncode == 0
    path = next((audit.root / room).rglob(file))
    path.write_bytes(path.read_bytes()[:-3])
    if room == "embeddings":
        shutil.rmtree(audit.root / "neighbours")
    refused(tmp_path, command, code=3, said=(file, "remove", "run again"))
