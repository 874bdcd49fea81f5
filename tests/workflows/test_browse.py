from pathlib import Path

import pytest

from dejavu_tui.errors import ArtefactError, RequestError, StoppedError
from dejavu_tui.records import Step
from dejavu_tui.workflows.browse import BrowseView, open_view
from dejavu_tui.workflows.runs import TRAINERS
from dejavu_tui.workflows.samples import chosen_samples
from dejavu_tui.workflows.trained import trained_on
from dejavu_tui.workspace import Audit
from tests.data.planted import LAYERS, RUN, planted_audit
from tests.workflows.sized import plant_run


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), external=2)


@pytest.fixture(scope="module")
def view(audit: Audit) -> BrowseView:
    return open_view(audit)


def test_opens_the_last_snapshot_with_the_stored_samples(audit: Audit, view: BrowseView) -> None:
    assert (view.run, view.epochs, view.epoch, view.k) == (RUN, (10, 20), 20, audit.settings.k)
    stored = chosen_samples(audit, run=RUN, epoch=20, layer=view.layer, k=view.k).samples
    assert view.samples.equals(stored.sort("image_id"))
    assert view.samples["image_id"].to_list() == sorted(audit.attacked()["image_id"])


def test_shows_what_was_planted(view: BrowseView, audit: Audit) -> None:
    before = open_view(audit, epoch=10)
    assert view.attacked["memorized"] > before.attacked["memorized"]
    assert sum(view.attacked.values()) == audit.attacked().filter(part="A").height * 2
    assert sum(view.control.values()) == audit.attacked().filter(part="E").height


def test_every_picture_is_there_under_its_path(view: BrowseView) -> None:
    for image_id, path in view.samples.select("image_id", "path").iter_rows():
        assert view.image(image_id)[0] == path
        assert (view.source / path).is_file()
    for image_id in view.samples["target_neighbours"][0]:
        path, name = view.image(image_id)
        assert (view.source / path).is_file()
        assert name in view.label_names.values()
    with pytest.raises(KeyError):
        view.image(10**9)


def test_of_a_run_of_a_size_only_its_training_set_is_shown(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, external=2)
    plant_run(audit, "p-8", size=8)
    view = open_view(audit, run="p-8")
    assert view.samples["part"].value_counts().sort("part").rows() == [("A", 8), ("B", 8), ("E", 8)]
    assert sum(view.attacked.values()) == 16
    for trainer in TRAINERS:
        shown = view.samples.filter(part=trainer)["image_id"]
        assert shown.to_list() == trained_on(audit, trainer, size=8)["image_id"].to_list()


def test_unknown_run_and_epoch_are_named(audit: Audit) -> None:
    with pytest.raises(RequestError, match=RUN):
        open_view(audit, run="plantd")
    with pytest.raises(RequestError, match="20"):
        open_view(audit, epoch=15)


def test_reports_and_stops(tmp_path: Path) -> None:
    fresh = planted_audit(tmp_path, images=12, attacked=2, k=3)
    with pytest.raises(StoppedError):
        open_view(fresh, stop=lambda: True)
    steps: list[Step] = []
    open_view(fresh, progress=steps.append)
    assert {step.stage.split()[0] for step in steps} >= {"embed", "search"}


def test_another_layer_and_k_are_those_of_the_stored_samples(audit: Audit, view: BrowseView) -> None:
    assert view.layers == LAYERS
    other = open_view(audit, layer="backbone", k=3)
    assert (other.layer, other.k, other.layers) == ("backbone", 3, LAYERS)
    assert other.samples["target_neighbours"].list.len().unique().to_list() == [3]
    assert other.samples.equals(chosen_samples(audit, layer="backbone", k=3).samples)
    with pytest.raises(RequestError, match="projector"):
        open_view(audit, layer="projecto")
    with pytest.raises(RequestError, match="X holds"):
        open_view(audit, k=10_000)


def test_what_is_stored_is_browsed_without_the_images(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, images=12, attacked=2, k=3)
    before = open_view(audit)
    assert before.source_missing is None
    before.source.rename(tmp_path / "elsewhere")
    after = open_view(Audit(audit.root))
    assert after.samples.equals(before.samples)
    assert (after.source, after.label_names) == (before.source, before.label_names)
    assert after.source_missing is not None
    assert str(after.source) in after.source_missing
    assert "audit.toml" in after.source_missing
    with pytest.raises(ArtefactError, match="image folder"):
        open_view(Audit(audit.root), epoch=10)  # not stored
