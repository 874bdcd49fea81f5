import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torchvision.transforms import functional as tv

from dejavu_tui.errors import ImageError
from dejavu_tui.images.decoding import Cut, cut_out


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """60 x 40 pixels."""
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.mark.parametrize("size", [10, 24, 64])
def test_a_crop_is_torchvisions_of_the_whole_image(photo: Path, size: int) -> None:
    (cut,) = cut_out(photo, [Cut((12 / 60, 5 / 40, 36 / 60, 30 / 40), size, False)])
    with Image.open(photo) as picture:
        expected = np.asarray(tv.resized_crop(picture, 5, 12, 30, 36, [size, size]))
    # what lies beside a crop is seen by the filter at its very edge: compare inside
    inside = slice(4, -4)
    assert np.abs(cut[inside, inside].astype(int) - expected[inside, inside]).max() <= 1


def test_a_mirrored_crop_has_left_and_right_exchanged(photo: Path) -> None:
    plain, mirrored = cut_out(photo, [Cut((0, 0, 1, 1), 16, mirrored) for mirrored in (False, True)])
    assert np.array_equal(mirrored, plain[:, ::-1])
    assert not np.array_equal(mirrored, plain)


def test_a_crop_may_end_where_the_image_ends_or_a_little_later(photo: Path) -> None:
    for x0 in np.linspace(0, 1, 7, dtype=np.float32):
        box = (float(x0), float(x0), float(np.float32(1 + 1e-6) - x0), float(np.float32(1 + 1e-6) - x0))
        if box[2] > 0.05:
            (cut,) = cut_out(photo, [Cut(box, 8, False)])
            assert cut.shape == (8, 8, 3)


def test_a_file_that_is_no_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "none.jpg").write_bytes(b"nothing")
    with pytest.raises(ImageError, match=r"none\.jpg"):
        list(cut_out(tmp_path / "none.jpg", [Cut((0, 0, 1, 1), 8, False)]))


def test_a_decoding_process_loads_no_torch() -> None:
    code = "import sys, dejavu_tui.images.decoding; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"False\n"
