from pathlib import Path

import pytest
from PIL import Image

from dejavu_tui.errors import ArtefactError, ImageError, StoppedError
from dejavu_tui.records import Step, never, silent
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workflows.source import check_source
from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    return planted_audit(tmp_path, images=20, attacked=4, memory={10: 1.0})


def path_of(audit: Audit, part: str) -> Path:
    return audit.source / str(audit.members(part)["path"][0])


def test_the_images_of_the_split_pass_and_are_counted(audit: Audit) -> None:
    steps: list[Step] = []
    check_source(audit, progress=steps.append, stop=never)
    assert (steps[-1].done, steps[-1].total) == (80, 80)
    with pytest.raises(StoppedError):
        check_source(audit, progress=silent, stop=lambda: True)


@pytest.mark.parametrize("part", ["A", "B", "X"])
def test_another_picture_under_an_old_name_is_never_scored(audit: Audit, part: str) -> None:
    path = path_of(audit, part)
    before = path.read_bytes()
    Image.new("RGB", (40, 40), (1, 2, 3)).save(path)
    with pytest.raises(ArtefactError, match="is not as it was at the split") as caught:
        score_run(audit)
    assert "put the old images back" in str(caught.value)
    assert not list(audit.root.rglob("vectors.npy"))
    path.write_bytes(before)
    assert score_run(audit).height


def test_two_images_that_changed_places_are_noticed(audit: Audit) -> None:
    one, two = path_of(audit, "A"), path_of(audit, "B")
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    with pytest.raises(ArtefactError):
        check_source(audit, progress=silent, stop=never)


def test_an_image_that_gives_itself_away_is_named(audit: Audit) -> None:
    path = path_of(audit, "X")
    Image.new("RGB", (41, 40)).save(path)
    with pytest.raises(ArtefactError, match=path.name):
        check_source(audit, progress=silent, stop=never)
    path.write_bytes(b"no picture")
    with pytest.raises(ImageError, match=path.name):
        check_source(audit, progress=silent, stop=never)
    path.unlink()
    with pytest.raises(ImageError, match=path.name):
        check_source(audit, progress=silent, stop=never)
