import os
from pathlib import Path

import pytest

from dejavu_tui.errors import RequestError
from dejavu_tui.images.layouts import imagefolder, layout_names, load_layout
from tests.data.folders import build_folder


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def paths(folder: Path) -> list[str]:
    return imagefolder.read(folder, annotations=None).images["path"].to_list()


def test_layouts_are_found_by_file_name_and_a_typo_is_answered() -> None:
    assert "imagefolder" in layout_names()
    for name in layout_names():
        module = load_layout(name)
        assert callable(module.recognises)
        assert callable(module.read)
    with pytest.raises(RequestError, match="did you mean 'imagefolder'"):
        load_layout("imagefoldr")
    with pytest.raises(RequestError, match="unknown layout"):
        load_layout("../os")


def test_classes_below_images_with_annotations_beside(tmp_path: Path) -> None:
    root = build_folder(tmp_path / "data", classes=2, per_class=3, boxless=1)
    listing = imagefolder.read(root, annotations=None)
    assert imagefolder.recognises(root, annotations=None)
    assert listing.images.select("path", "label_name").rows() == [
        (f"images/class{n // 3}/{n:04d}.png", f"class{n // 3}") for n in range(6)
    ]
    assert listing.annotations == root / "Annotation"
    assert listing.images["annotation"][0] == f"{root}/Annotation/class0/0000.xml"
    assert listing.images["annotation"][2] is None
    inner = imagefolder.read(root / "images", annotations=None)
    assert inner.images["path"].to_list() == [f"class{n // 3}/{n:04d}.png" for n in range(6)]
    assert inner.annotations == root / "Annotation"


def test_classes_directly_in_the_folder_in_byte_order_at_any_depth(tmp_path: Path) -> None:
    root = tmp_path / "d"
    touch(root / "b/1.JPG", root / "a/x/2.png", root / "Z/é.png", root / "Z/z.png", root / "Annotations/b/1.xml")
    assert paths(root) == ["Z/z.png", "Z/é.png", "a/x/2.png", "b/1.JPG"]
    listing = imagefolder.read(root, annotations=None)
    assert listing.images["label_name"].to_list() == ["Z", "Z", "a", "b"]
    assert listing.images["annotation"][3] == f"{root}/Annotations/b/1.xml"


def test_a_class_called_images_is_a_class(tmp_path: Path) -> None:
    touch(tmp_path / "d/images/1.png", tmp_path / "d/other/2.png")
    assert paths(tmp_path / "d") == ["images/1.png", "other/2.png"]


def test_typed_annotations_go_before_those_found(tmp_path: Path) -> None:
    root = build_folder(tmp_path / "data", classes=1, per_class=1)
    touch(tmp_path / "mine/class0/0000.xml")
    listing = imagefolder.read(root, annotations=tmp_path / "mine")
    assert listing.images["annotation"][0] == f"{tmp_path}/mine/class0/0000.xml"
    with pytest.raises(RequestError, match="gone"):
        imagefolder.read(root, annotations=tmp_path / "gone")


def test_links_and_special_files_are_refused_and_loops_end(tmp_path: Path) -> None:
    root = tmp_path / "d"
    touch(root / "a/1.png", root / "a/notes.txt", root / "a/.hidden.png", root / "stray.png")
    touch(root / ".cache/a/1.png")
    touch(tmp_path / "out/2.png")
    (root / "a/up").symlink_to(root)
    (root / "a/away.png").symlink_to(tmp_path / "out/2.png")
    (root / "b").symlink_to(tmp_path / "out")
    (root / "a/self.png").symlink_to("self.png")
    (root / "a/readme").symlink_to("notes.txt")
    os.mkfifo(root / "a/pipe.jpg")
    listing = imagefolder.read(root, annotations=None)
    assert listing.images["path"].to_list() == ["a/1.png"]
    assert {path: reason.split(",")[0] for path, reason in listing.refused} == {
        "a/up": "is a link",
        "a/away.png": "is a link",
        "a/self.png": "is a link",
        "b": "is a link",
        "a/pipe.jpg": "is not a regular file",
        "stray.png": "is in no class folder",
    }
    assert listing.ignored == 4  # notes.txt, .hidden.png, readme, .cache


def test_names_that_are_not_utf8_are_refused_visibly_and_other_files_left(tmp_path: Path) -> None:
    root = os.fsencode(tmp_path) + b"/d"
    os.makedirs(root + b"/a")
    os.makedirs(root + b"/b\xe9te")
    for name in (b"/a/img_\xff\xfe.jpg", b"/a/notes_\xff.txt", b"/a/plain.jpg", b"/b\xe9te/never looked at.jpg"):
        open(root + name, "wb").close()
    listing = imagefolder.read(tmp_path / "d", annotations=None)
    assert listing.images["path"].to_list() == ["a/plain.jpg"]
    why = "has a name that is not UTF-8"
    assert listing.refused == (("a/img_\\xff\\xfe.jpg", why), ("b\\xe9te", why))
    assert listing.ignored == 1


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    touch(tmp_path / "file")
    for name in ("file", "gone"):
        with pytest.raises(RequestError, match=name):
            imagefolder.read(tmp_path / name, annotations=None)
        assert not imagefolder.recognises(tmp_path / name, annotations=None)
    (tmp_path / "empty").mkdir()
    assert not imagefolder.recognises(tmp_path / "empty", annotations=None)
    assert paths(tmp_path / "empty") == []


def test_classes_in_images_and_beside_it_are_asked_about(tmp_path: Path) -> None:
    touch(tmp_path / "images/cat/1.png", tmp_path / "images/dog/2.png", tmp_path / "Annotation/cat/preview.png")
    assert imagefolder.read(tmp_path, annotations=None).images.height == 2
    touch(tmp_path / "yak/3.png")
    with pytest.raises(RequestError, match=r"class folders may be those in images/ or those beside it .yak/3.png."):
        imagefolder.read(tmp_path, annotations=None)


@pytest.mark.parametrize("typed", [False, True])
def test_a_folder_of_boxes_that_holds_images_of_a_class_is_asked_about(tmp_path: Path, typed: bool) -> None:
    name = "boxes" if typed else "Annotations"
    touch(tmp_path / "cat/1.png", tmp_path / "dog/2.png", tmp_path / name / "3.png")
    with pytest.raises(RequestError, match=r"is taken for the folder of boxes, and holds images .3.png."):
        imagefolder.read(tmp_path, annotations=tmp_path / name if typed else None)
