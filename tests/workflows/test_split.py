import os
import shutil
import stat
from pathlib import Path

import polars as pl
import pytest
from PIL import Image

from dejavu_tui.artefacts import MANIFEST, verify
from dejavu_tui.config import AuditSettings
from dejavu_tui.errors import AnnotationError, ArtefactError, ImageError, RequestError, SettingsError, StoppedError
from dejavu_tui.images import seen
from dejavu_tui.images.boxes import Box
from dejavu_tui.workflows.split import check_place, plan, reading_folder, settings_for, split_defaults, write
from dejavu_tui.workflows.trained import asked_at
from dejavu_tui.workspace import Audit, find_audit
from tests.data.folders import build_folder, voc


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return build_folder(tmp_path / "pictures", classes=3, per_class=20, boxless=5)


def asked(source: Path, **typed: object) -> AuditSettings:
    return settings_for(source, **{"k": 5, "per_class": 3, **typed})


def split(source: Path, out: Path, **typed: object) -> Audit:
    return write(plan(source, asked(source, **typed)), out)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_audit_that_reads_back(source: Path, tmp_path: Path) -> None:
    audit = split(source, tmp_path / "audit", external=2, validation=1)
    assert find_audit(start=tmp_path).root == audit.root
    assert audit.source == source
    assert stat.S_IMODE(audit.root.stat().st_mode) == 0o700
    assert verify(audit.root, kind="split").counts == {
        "A": 12, "B": 12, "E": 6, "V": 3, "X": 27, "images": 60, "dropped": 0, "clipped": 0,
        "copies": 0, "no area": 0,
    }  # fmt: skip
    attacked = audit.attacked()
    assert attacked["part"].value_counts(sort=True).sort("part").rows() == [("A", 9), ("B", 9), ("E", 6)]
    boxes = audit.boxes.partition_by("image_id", as_dict=True)
    for row in attacked.iter_rows(named=True):
        crop = Box(row["x0"], row["y0"], row["x1"], row["y1"])
        ((_, *corners),) = boxes[row["image_id"],].rows()
        assert not crop.overlaps(Box(*corners))
        assert crop.width * crop.height == 32 * 16
    untouched = audit.crops.filter(pl.col("reason").is_not_null())
    assert untouched["reason"].to_list() == ["no boxes"] * 6
    assert untouched["x0"].null_count() == 6


def test_source_is_noted_so_that_all_can_move_together(source: Path, tmp_path: Path) -> None:
    audit = split(source, tmp_path / "audit")
    assert (audit.settings.source, audit.settings.annotations) == ("pictures", "pictures/Annotation")
    far = split(source, tmp_path / "elsewhere" / "audit")
    assert far.settings.source == str(source)
    (tmp_path / "new").mkdir()
    shutil.move(source, tmp_path / "new" / "pictures")
    shutil.move(audit.root, tmp_path / "new" / "audit")
    moved = find_audit(tmp_path / "new" / "audit")
    assert (moved.source / moved.images["path"][0]).is_file()
    assert split(tmp_path / "new" / "pictures", moved.root).fingerprint == moved.fingerprint


def test_the_same_again_is_reused_and_changes_no_byte(source: Path, tmp_path: Path) -> None:
    audit = split(source, tmp_path / "audit")
    (audit.root / "encoders").mkdir()
    before = tree(audit.root)
    assert split(source, tmp_path / "audit").root == audit.root
    assert tree(audit.root) == before
    assert (audit.root / "encoders").is_dir()
    twin = split(source, tmp_path / "twin")
    assert tree(twin.root) == before


def test_other_settings_in_the_same_place_are_refused_with_the_difference(source: Path, tmp_path: Path) -> None:
    audit = split(source, tmp_path / "audit")
    before = tree(audit.root)
    with pytest.raises(SettingsError, match=r"per_class: 3 here, 4 asked; seed: 0 here, 1 asked") as caught:
        split(source, tmp_path / "audit", per_class=4, seed=1)
    assert caught.value.exit_code == 3
    assert tree(audit.root) == before


def test_other_images_in_the_same_place_are_refused(source: Path, tmp_path: Path) -> None:
    audit = split(source, tmp_path / "audit")
    (source / "Annotation/class0/0000.xml").write_text(voc((0, 0, 16, 16)))
    with pytest.raises(ArtefactError, match="images or boxes have changed"):
        split(source, audit.root)
    picture = Image.open(source / "images/class0/0000.png")
    picture.transpose(Image.Transpose.ROTATE_180).save(source / "images/class0/0000.png")
    with pytest.raises(ArtefactError, match="images or boxes have changed"):
        split(source, audit.root)


def test_a_damaged_audit_is_named_not_replaced(source: Path, tmp_path: Path) -> None:
    audit = split(source, tmp_path / "audit")
    damaged = audit.root / "parts.parquet"
    data = bytearray(damaged.read_bytes())
    data[len(data) // 2] ^= 1
    damaged.write_bytes(data)
    with pytest.raises(ArtefactError, match=r"parts\.parquet.*damaged"):
        split(source, audit.root)
    (audit.root / MANIFEST).unlink()
    with pytest.raises(ArtefactError):
        split(source, audit.root)


@pytest.mark.parametrize("there", ["file", "folder"])
def test_what_is_no_audit_is_not_overwritten(source: Path, tmp_path: Path, there: str) -> None:
    out = tmp_path / "mine"
    if there == "file":
        out.write_text("precious")
    else:
        out.mkdir()
        (out / "precious").write_text("x")
    with pytest.raises(RequestError, match="is no audit folder"):
        split(source, out)
    assert "precious" in (out.read_text() if there == "file" else os.listdir(out))
    empty = tmp_path / "empty"
    empty.mkdir()
    assert split(source, empty).settings.k == 5


def test_an_audit_inside_its_images_is_refused(source: Path) -> None:
    for out in (source, source / "audit", source / "images" / "class0"):
        with pytest.raises(RequestError, match="inside the folder of images"):
            split(source, out)


def test_the_place_is_checked_before_images_are_read(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "audit"
    check_place(out, source=source, settings=asked(source))
    split(source, out)
    check_place(out, source=source, settings=asked(source))
    shutil.rmtree(source / "images")
    with pytest.raises(SettingsError, match="seed: 0 here, 1 asked"):
        check_place(out, source=source, settings=asked(source, seed=1))
    with pytest.raises(RequestError, match="inside the folder"):
        check_place(source / "a", source=source, settings=asked(source))
    with pytest.raises(RequestError, match="is no audit folder"):
        check_place(tmp_path, source=source, settings=asked(source))


def test_errors_leave_nothing_behind(source: Path, tmp_path: Path) -> None:
    (source / "images/class0/0001.png").write_bytes(b"")
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(ImageError, match=r"0001\.png"):
        split(source, tmp_path / "audit")
    with pytest.raises(StoppedError):
        plan(source, asked(source), stop=lambda: True)
    assert sorted(os.listdir(tmp_path)) == before
    audit = split(source, tmp_path / "audit", on_bad="skip")
    assert audit.dropped.rows() == [("images/class0/0001.png", "bad image: is an empty file")]


@pytest.mark.parametrize(
    ("text", "said"),
    [("<annotation>", "not well-formed"), (voc((33, 0, 40, 9)), "lies outside the image of 32x32 pixels")],
)
def test_a_bad_annotation_is_refused_or_dropped(source: Path, tmp_path: Path, text: str, said: str) -> None:
    (source / "Annotation/class0/0002.xml").write_text(text)
    with pytest.raises(AnnotationError, match=said) as caught:
        split(source, tmp_path / "audit")
    assert "0002.xml" in str(caught.value)
    audit = split(source, tmp_path / "audit", on_bad="skip")
    assert audit.dropped["path"].to_list() == ["images/class0/0002.png"]
    assert audit.images.height == 59


def test_requests_that_cannot_be_met(source: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    bare = build_folder(tmp_path / "bare", boxes=False)
    flat = tmp_path / "flat"
    shutil.copytree(bare / "images/class0", flat)
    for folder, typed, said in (
        (tmp_path / "empty", {}, "holds no images"),
        (tmp_path / "gone", {}, "is no folder"),
        (flat, {}, "holds images .0000.png., but no class folders"),
        (bare, {}, "--crop corner"),
        (bare, {"crop": "stripes"}, "--crop corner"),
        (source, {"k": 1000}, "k = 1000 is larger than the public set X of 36 images"),
        (source, {"per_class": 8}, "class 'class0' has 15 images"),
        (source, {"layout": "imagefoldr"}, "did you mean 'imagefolder'"),
        (source, {"crop": "stripes"}, "no image can be attacked .--crop stripes; 45 of 60: crop too small"),
    ):
        with pytest.raises(RequestError, match=said) as caught:
            plan(folder, asked(folder, **typed))
        assert caught.value.exit_code == 2


def test_corner_crops_need_no_boxes_and_attack_all(tmp_path: Path) -> None:
    bare = build_folder(tmp_path / "bare", boxes=False)
    audit = split(bare, tmp_path / "audit", crop="corner", corner="upper-right", fraction=0.25)
    assert audit.settings.annotations is None
    assert audit.attacked().select("x0", "y0", "x1", "y1").unique().rows() == [(24, 0, 32, 8)]
    assert audit.attacked().height == audit.members("A", "B").height == 18


def test_stripes_rule(source: Path) -> None:
    (source / "Annotation/class2/0040.xml").write_text(voc((8, 8, 33, 20)))
    planned = plan(source, asked(source, crop="stripes", min_side=15, per_class=1))
    assert planned.dropped.rows() == [("images/class2/0040.png", "a box reaches past the right edge")]
    assert planned.summary().dropped == (("a box reaches past the right edge", 1),)


def test_a_balanced_public_set_lists_its_surplus(source: Path, tmp_path: Path) -> None:
    for number in range(4):
        (source / f"images/class1/{20 + number:04d}.png").unlink()
    audit = split(source, tmp_path / "audit", balance_public=True)
    sizes = audit.members("X")["label_name"].value_counts()["count"].to_list()
    assert len(set(sizes)) == 1
    surplus = audit.dropped.filter(pl.col("reason").str.contains("--balance-public"))
    assert surplus.height == audit.dropped.height == audit.images.height - audit.parts.height > 0
    assert not set(surplus["path"]) & set(audit.members("A", "B", "X")["path"])


def test_the_folder_may_set_defaults_and_flags_go_before(source: Path) -> None:
    assert split_defaults(source) == {}
    (source / "split.toml").write_text('per_class = 2\nk = 7\nannotations = "Annotation"\n')
    settings = settings_for(source, k=3, seed=None)
    assert (settings.per_class, settings.k, settings.seed) == (2, 3, 0)
    assert settings.annotations == str(source / "Annotation")
    for text, said in (
        ("per_clas = 2", "did you mean 'per_class'"),
        ("k = 0", "setting 'k'"),
        ('source = "x"', "source"),
        ("k = ", "cannot be read as TOML"),
    ):
        (source / "split.toml").write_text(text)
        with pytest.raises(SettingsError, match=said) as caught:
            settings_for(source)
        assert "split.toml" in str(caught.value)


def test_a_typed_value_out_of_range_is_a_request_error(source: Path) -> None:
    with pytest.raises(RequestError, match="setting 'fraction'"):
        settings_for(source, fraction=0.0)


def test_planned_sizes_make_room_and_are_refused_where_there_is_none(source: Path, tmp_path: Path) -> None:
    planned = plan(source, asked(source, per_class=None, sizes=(4, 10)))
    count = planned.parts["part"].value_counts()
    whole = 3 * (4 + 1)  # ceil(10 / 3) of each class, and one of the others beside
    assert {("A", whole), ("B", whole)} <= set(count.iter_rows())
    sizes = planned.attacked_at()
    assert [size for size, _ in sizes] == [4, 10]
    audit = write(planned, tmp_path / "audit")
    assert (audit.settings.sizes, audit.settings.per_class) == ((4, 10), None)
    for size, attacked in sizes:
        assert audit.attacked().filter(asked_at(audit, size=size))["part"].value_counts().sort("part").rows() == [
            ("A", attacked),
            ("B", attacked),
        ]
    assert write(plan(source, asked(source, per_class=None, sizes=(4, 10))), audit.root).root == audit.root
    with pytest.raises(SettingsError, match="sizes"):
        split(source, audit.root, per_class=None, sizes=(4,))
    with pytest.raises(RequestError, match="of 13 images is planned, but A and B become 12 each"):
        plan(source, asked(source, per_class=3, sizes=(4, 13)))
    with pytest.raises(RequestError, match="class 'class0' has 15 images"):
        plan(source, asked(source, per_class=None, sizes=(100,)))
    for wrong in ((10, 4), (4, 4), (1, 4)):
        with pytest.raises(RequestError, match="sizes"):
            settings_for(source, sizes=wrong)


def test_what_was_seen_is_kept_until_the_audit_stands(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen, "MANY", 1)
    root = tmp_path / "audit"
    for _ in range(2):  # made, and the same one again
        made = plan(source, asked(source), kept=reading_folder(root))
        assert reading_folder(root).is_dir()
        write(made, root)
        assert not reading_folder(root).exists()


def test_a_link_where_what_was_read_would_be_kept_is_refused(source: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    reading_folder(tmp_path / "audit").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RequestError, match="is a link"):
        plan(source, asked(source), kept=reading_folder(tmp_path / "audit"))


def test_planned_sizes_alone_change_no_part(source: Path) -> None:
    plain, sized = (plan(source, asked(source, sizes=sizes)) for sizes in ((), (6, 12)))
    assert plain.parts.equals(sized.parts)
    assert plain.attacked_at() == []


def test_copies_may_be_dropped_or_be_in_several_parts(source: Path, tmp_path: Path) -> None:
    for number in range(20):
        shutil.copy(source / f"images/class0/{number:04d}.png", source / f"images/class1/copy{number}.png")
    with pytest.raises(ImageError, match="--copies"):
        split(source, tmp_path / "refused")
    assert not (tmp_path / "refused").exists()
    dropped = split(source, tmp_path / "dropped", copies="drop")
    assert dropped.dropped["path"].str.starts_with("images/class1/copy").all()
    assert dropped.dropped.height == verify(dropped.root, kind="split").counts["dropped"] == 20
    kept = split(source, tmp_path / "kept", copies="keep")
    assert verify(kept.root, kind="split").counts["copies"] == 20
    assert kept.settings.copies == "keep"
    assert kept.copies.height == 20
    assert kept.copies["bits"].null_count() == 20
    assert dropped.copies.is_empty()
    several = kept.parts.join(kept.hashes, on="image_id").group_by("sha256").agg(pl.col("part").n_unique())
    assert several["part"].max() == 2
