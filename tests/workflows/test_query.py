from pathlib import Path

import pytest
from PIL import Image

from dejavu_tui.errors import ImageError, RequestError
from dejavu_tui.images.boxes import Box
from dejavu_tui.workflows.query import COLUMNS, find_picture, query
from dejavu_tui.workflows.samples import chosen_samples
from dejavu_tui.workspace import Audit
from tests.data.planted import RUN, planted_audit


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"))


def test_a_public_image_is_nearest_to_itself(audit: Audit) -> None:
    image_id, path = audit.members("X").row(3)[:2]
    found = query(audit, audit.source / path, k=5)
    assert found.columns == list(COLUMNS)
    assert found["encoder"].to_list() == ["A"] * 5 + ["B"] * 5
    assert found["rank"].to_list() == [1, 2, 3, 4, 5] * 2
    first = found.filter(rank=1)
    assert first["image_id"].to_list() == [image_id] * 2
    assert first["distance"].to_list() == [0, 0]


def test_a_crop_has_the_neighbours_that_the_score_saw(audit: Audit) -> None:
    row = (
        chosen_samples(audit, run=RUN, epoch=20, layer="projector", k=10)
        .samples.filter(part="A")
        .row(0, named=True)
    )
    box = Box(row["crop_x0"], row["crop_y0"], row["crop_x1"], row["crop_y1"])
    found = query(audit, audit.source / row["path"], crop=box)
    for encoder, side in (("A", "target"), ("B", "reference")):
        near = found.filter(encoder=encoder)
        assert near["image_id"].to_list() == row[f"{side}_neighbours"]
        assert near["distance"].to_list() == pytest.approx(row[f"{side}_distances"], abs=1e-6)


def test_what_cannot_be_asked_is_refused(audit: Audit, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    Image.new("RGB", (20, 20)).save(picture)
    for box in (Box(0, 0, 21, 20), Box(-1, 0, 20, 20), Box(5, 5, 5, 9)):
        with pytest.raises(RequestError, match="20x20"):
            query(audit, picture, crop=box)
    with pytest.raises(RequestError, match="X holds"):
        query(audit, picture, k=10_000)
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(ImageError):
        query(audit, tmp_path / "text.png")


def test_a_picture_is_named_by_its_path_or_as_an_image_of_the_audit(
    audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id, path = audit.images.row(7)[:2]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / str(image_id)).touch()
    assert find_picture(audit, str(image_id)) == audit.source / path
    assert find_picture(audit, path) == audit.source / path
    assert find_picture(audit, f"./{image_id}") == Path(str(image_id))
    assert find_picture(audit, f"~/{image_id}") == tmp_path / str(image_id)
    for typed in ("gone.png", "99999", "x" * 5000, ".", "", "²"):
        with pytest.raises(RequestError, match="no file and no image"):
            find_picture(audit, typed)
