"""Files that describe images, damaged at random: one line of error, or a listing."""

import io
import json
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejavu_tui.errors import DejavuError
from dejavu_tui.images.layouts import coco, manifest, partition
from dejavu_tui.images.listing import Listing

COCO = {
    "images": [{"id": 1, "file_name": "c/a.png", "width": 3, "height": 4}],
    "annotations": [{"image_id": 1, "category_id": 2, "bbox": [1, 2, 3, 4.5]}],
    "categories": [{"id": 2, "name": "q"}],
}


def parquet() -> bytes:
    file = io.BytesIO()
    pl.DataFrame({"path": ["c/a.png"], "label": ["x"], "boxes": [[[1.0, 2.0, 3.0, 4.0]]]}).write_parquet(file)
    return file.getvalue()


def npy() -> bytes:
    file = io.BytesIO()
    np.save(file, np.array([0]))
    return file.getvalue()


FILES: dict[str, tuple[bytes, Callable[..., Listing]]] = {
    "instances.json": (json.dumps(COCO).encode(), coco.read),
    "m.csv": (b"path,label,part,x0,y0,x1,y1\nc/a.png,x,A,1,2,3,4\n", manifest.read),
    "m.jsonl": (b'{"path": "c/a.png", "label": "x", "boxes": [[1, 2, 3, 4]], "part": "X"}\n', manifest.read),
    "m.parquet": (parquet(), manifest.read),
    "bbox_A.npy": (npy(), partition.read),
}
PIECES = (
    b"null",
    b"-1",
    b"1e400",
    b"NaN",
    b"{}",
    b"[]",
    b'""',
    b"\xff",
    b"\0",
    b",",
    b'"',
    b"\n",
    b"9" * 20,
    b"[[[]]]",
)


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    whole = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(whole)))
        length = draw(st.integers(0, 5))
        whole[place : place + length] = draw(st.binary(max_size=3) | st.sampled_from(PIECES))
    return bytes(whole)


@pytest.mark.filterwarnings("ignore:Reading `.npy`")
@pytest.mark.parametrize("name", FILES)
def test_only_our_errors_escape_and_they_are_one_line(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    data, read = FILES[name]
    root = tmp_path_factory.mktemp("hostile")
    images, told = root / "images", root / "told"
    (images / "c").mkdir(parents=True)
    (images / "c/a.png").write_bytes(b"x")
    told.mkdir()
    file = told / name
    for other in ("bbox_B", "public"):
        np.save(told / f"{other}.npy", [])

    def listed() -> Listing:
        return read(images, annotations=told if read is partition.read else file)

    file.write_bytes(data)
    assert listed().images["path"].to_list() == ["c/a.png"]

    @settings(deadline=None, max_examples=150)
    @given(damaged(data))
    def looked_at(one: bytes) -> None:
        file.write_bytes(one)
        said, found = "", list[str]()
        try:
            found = listed().images["path"].to_list()
        except DejavuError as error:
            said = str(error)
        assert "\n" not in said
        assert found in ([], ["c/a.png"])

    looked_at()
