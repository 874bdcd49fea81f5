import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.errors import AnnotationError
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.voc import MAX_BYTES, MAX_DEPTH, MAX_OBJECTS, parse_voc
from tests.data.folders import OBJECT, voc


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "a.xml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


corners = st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(1, 20), st.integers(1, 20)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@given(boxes=st.lists(corners, max_size=6))
def test_reads_what_was_written_each_box_once(
    tmp_path_factory: pytest.TempPathFactory, boxes: list[tuple[int, int, int, int]]
) -> None:
    path = written(tmp_path_factory.mktemp("voc"), voc(*boxes, width=50, height=50))
    assert parse_voc(path).boxes == tuple(sorted({Box(*box) for box in boxes}))


def test_fractions_are_widened_and_parts_of_objects_left_out(tmp_path: Path) -> None:
    part = "<part><bndbox><xmin>0</xmin><ymin>0</ymin><xmax>1</xmax><ymax>1</ymax></bndbox></part>"
    text = voc((0, 0, 9, 9)).replace("<xmin>0<", "<xmin>1.5<").replace("<xmax>9<", "<xmax>8.2<")
    path = written(tmp_path, text.replace("</object>", f"{part}</object>"))
    assert parse_voc(path).boxes == (Box(1, 0, 9, 9),)


def test_a_path_inside_the_xml_is_never_used(tmp_path: Path) -> None:
    path = written(tmp_path, voc((1, 2, 3, 4), name="../../etc/passwd"))
    assert parse_voc(path).boxes == (Box(1, 2, 3, 4),)


def test_the_size_it_was_written_for(tmp_path: Path) -> None:
    assert parse_voc(written(tmp_path, voc((0, 0, 5, 5), width=64, height=48))).size == (64, 48)
    assert parse_voc(written(tmp_path, voc((0, 0, 5, 5), width=0, height=0))).size is None


BOMB = '<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx">]><annotation>&x;</annotation>'
XXE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation>&x;</annotation>'
ONE = OBJECT.format(1, 1, 2, 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not well-formed"),
        ("<annotation>\n<object>", "line 2: is not well-formed"),
        (b"\xff\xfe\x00", "not well-formed"),
        ('<?xml version="1.0" encoding="klingon"?><annotation/>', "unknown encoding"),
        ('<?xml version="1.0" encoding="rot13"?><annotation/>', "not a text encoding"),
        ('<?xml version="1.0" encoding="big5"?><annotation/>', "multi-byte encodings"),
        (BOMB, "document type"),
        (XXE, "document type"),
        ("<html></html>", "root is 'html'"),
        ("<annotation>" + "<a>" * 100_000, "deeper"),
        ("<annotation>" + "<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH + "</annotation>", "deeper"),
        ("<annotation>" + ONE * (MAX_OBJECTS + 1) + "</annotation>", "more than 1000 objects"),
        (b" " * (MAX_BYTES + 1), "larger than 1 MiB"),
        ("<annotation>\n\n<object><name>x</name></object></annotation>", "line 3: an object"),
        ("<annotation><object><bndbox><xmin>1</xmin></bndbox></object></annotation>", "no ymin"),
        (f"<annotation>{ONE.replace('<xmin>1<', '<xmin>one<')}</annotation>", "xmin is no number: 'one'"),
        (f"<annotation>{ONE.replace('<xmin>1<', '<xmin>nan<')}</annotation>", "xmin is no number"),
        (f"<annotation>{ONE.replace('<xmax>2<', '<xmax>inf<')}</annotation>", "xmax is no number"),
        (f"<annotation>{OBJECT.format(5, 1, 2, 9)}</annotation>", "no area"),
        (f"<annotation>{OBJECT.format(5, 1, 5, 9)}</annotation>", "no area"),
    ],
)
def test_what_cannot_be_trusted_is_refused_in_one_line(tmp_path: Path, text: str | bytes, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(AnnotationError) as caught:
        parse_voc(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_pipe_or_a_missing_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xml")
    for name, said in (("pipe.xml", "not a regular file"), ("gone.xml", "No such file")):
        with pytest.raises(AnnotationError, match=said):
            parse_voc(tmp_path / name)


def test_control_characters_are_shown_visibly(tmp_path: Path) -> None:
    path = written(tmp_path, "<annotation>" + ONE.replace("<xmin>1<", "<xmin>\u202e\u009b31m<") + "</annotation>")
    with pytest.raises(AnnotationError) as caught:
        parse_voc(path)
    assert "\u202e" not in str(caught.value)
    assert "\u009b" not in str(caught.value)


@given(junk=st.binary(max_size=200))
def test_no_other_error_escapes(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    path = written(tmp_path_factory.mktemp("junk"), b"<annotation>" + junk + b"</annotation>")
    with suppress(AnnotationError):
        assert parse_voc(path).path == path


def test_overlap_is_half_open() -> None:
    assert not Box(0, 0, 5, 5).overlaps(Box(5, 0, 9, 5))
    assert Box(0, 0, 5, 5).overlaps(Box(4, 4, 9, 9))
    assert (Box(1, 2, 4, 8).width, Box(1, 2, 4, 8).height) == (3, 6)
