from pathlib import Path

import pytest

from dejavu_tui.errors import RequestError
from dejavu_tui.workflows.runs import TRAINERS
from dejavu_tui.workflows.split import plan, settings_for, write
from dejavu_tui.workflows.trained import asked_at, not_attacked, trained_on, whole_size
from dejavu_tui.workspace import Audit
from tests.data.folders import build_folder


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """A and B of 24 images each: 5 attacked and 3 others of each of 3 classes."""
    folder: Path = tmp_path_factory.mktemp("sizes")
    source = build_folder(folder / "pictures", per_class=40, boxless=15)
    settings = settings_for(source, per_class=5, external=2, shared=2, k=5)
    return write(plan(source, settings), folder / "audit")


def test_all_is_the_part_and_the_shared_images(audit: Audit) -> None:
    for trainer in TRAINERS:
        members = audit.members(trainer, "shared")
        assert trained_on(audit, trainer, size=None).equals(members)
        assert trained_on(audit, trainer, size=24).equals(members)
    assert whole_size(audit) == 24
    assert asked_at(audit, size=None).all()
    assert asked_at(audit, size=24).all()
    assert asked_at(audit, size=24).len() == audit.attacked().height
    assert not_attacked(audit, size=24).equals(not_attacked(audit))
    assert not_attacked(audit)["images"].sum() == 18


@pytest.mark.parametrize("trainer", TRAINERS)
def test_sizes_are_nested_and_shared_images_come_on_top(audit: Audit, trainer: str) -> None:
    smaller: set[int] = set()
    for size in range(2, 25):
        found = trained_on(audit, trainer, size=size)  # type: ignore[arg-type]
        assert found.columns == audit.members("A").columns
        assert found["image_id"].is_sorted()
        assert found["part"].value_counts().sort("part").rows() == [(trainer, size), ("shared", 6)]
        own = set(found.filter(part=trainer)["image_id"])
        assert smaller < own
        smaller = own


def test_a_and_b_hold_equal_numbers_of_each_class_at_every_size(audit: Audit) -> None:
    for size in range(2, 25):
        counts = [
            trained_on(audit, one, size=size)["label_name"].value_counts().sort("label_name") for one in TRAINERS
        ]
        assert counts[0].equals(counts[1])
        assert max(counts[0]["count"]) - min(counts[0]["count"]) <= 2  # one of each sort


def test_only_the_training_set_and_all_of_e_are_attacked(audit: Audit) -> None:
    for size in (2, 7, 12):
        found = audit.attacked().filter(asked_at(audit, size=size))
        ids = set(audit.attacked()["image_id"])
        for trainer in TRAINERS:
            trained = set(trained_on(audit, trainer, size=size)["image_id"])
            assert set(found.filter(part=trainer)["image_id"]) == trained & ids
        assert found.filter(part="E").equals(audit.attacked().filter(part="E"))
        assert found["image_id"].is_sorted()
        attacked = found.filter(found["part"] != "E").height
        assert not_attacked(audit, size=size)["images"].sum() == 2 * size - attacked


@pytest.mark.parametrize("size", [25, 1, 0])
def test_sizes_that_are_not_there_are_refused(audit: Audit, size: int) -> None:
    said = f"set of {size} images: A and B hold 24"
    with pytest.raises(RequestError, match=said):
        trained_on(audit, "A", size=size)
    with pytest.raises(RequestError, match=said):
        asked_at(audit, size=size)
