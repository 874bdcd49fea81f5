import shutil
from pathlib import Path

import polars as pl
import pytest

from dejavu_tui.errors import ArtefactError, RequestError, StoppedError
from dejavu_tui.tables import SAMPLES, TRACE
from dejavu_tui.workflows.samples import chosen_samples
from dejavu_tui.workflows.trace import Trace, make, trace
from dejavu_tui.workflows.trained import trained_on
from dejavu_tui.workspace import Audit
from tests.data.planted import LAYERS, RUN, planted_audit
from tests.workflows.sized import plant_run


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """Scored: planted at 10 and 20, at 20 at each layer; p-8 at 20."""
    audit = planted_audit(tmp_path_factory.mktemp("planted"), images=30, external=2, k=6)
    plant_run(audit, "p-8", size=8)
    chosen_samples(audit, run=RUN, epoch=10)
    for layer in LAYERS:
        chosen_samples(audit, run=RUN, epoch=20, layer=layer)
    chosen_samples(audit, run="p-8", epoch=20)
    return audit


def points(found: Trace) -> list[tuple[str, int, str]]:
    return found.table.select("run", "epoch", "layer").rows()


@pytest.mark.parametrize("k", [6, 1])
def test_each_row_is_that_of_the_samples_of_its_point(audit: Audit, k: int) -> None:
    for part in ("A", "B", "E"):
        image_id = int(audit.attacked().filter(part=part)["image_id"][1])
        for over in ("epochs", "layers", "runs"):
            found = trace(audit, image_id, over=over, run=RUN, k=k)
            assert found.table.height >= (2 if over == "epochs" else 1)
            for row in found.table.iter_rows(named=True):
                chosen = chosen_samples(audit, run=row["run"], epoch=row["epoch"], layer=row["layer"], k=k)
                here = found.table.filter(run=row["run"], epoch=row["epoch"], layer=row["layer"])
                wanted = chosen.samples.filter(image_id=image_id)
                assert here.select(list(SAMPLES.schema)).equals(wanted)


def test_points_come_in_order_and_say_how_the_class_was_voted_for(audit: Audit) -> None:
    samples = chosen_samples(audit, run=RUN, epoch=20).samples
    image_id = int(samples.filter(kind="memorized")["image_id"][0])
    over_epochs = trace(audit, image_id, run=RUN)
    assert points(over_epochs) == [(RUN, 10, "projector"), (RUN, 20, "projector")]
    assert (over_epochs.image_id, over_epochs.k, over_epochs.missing) == (image_id, 6, ())
    assert points(trace(audit, image_id, over="layers", run=RUN)) == [(RUN, 20, layer) for layer in LAYERS]
    table = over_epochs.table
    assert table.schema == TRACE.schema
    labels = audit.images.select("image_id", "label")
    for side in ("target", "reference"):
        near = table.select("epoch", "label", image_id=f"{side}_neighbours").explode("image_id")
        same = near.join(labels, on="image_id").filter(pl.col("label") == pl.col("label_right"))
        counted = {epoch: same.filter(epoch=epoch).height for epoch in (10, 20)}
        assert dict(table.select("epoch", f"{side}_label_votes").iter_rows()) == counted
    assert table["target_guess_name"][1] == table["label_name"][1]
    assert table["target_label_votes"][1] == 6  # a planted memory answers with the class alone


def test_what_is_not_stored_is_named_with_the_command_and_can_be_made(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, images=12, attacked=2, k=3)
    image_id = int(audit.attacked()["image_id"][0])
    before = sorted(path for path in audit.root.rglob("*") if path.is_file())
    found = trace(audit, image_id, k=2)
    assert sorted(path for path in audit.root.rglob("*") if path.is_file()) == before
    assert found.table.is_empty()
    assert found.table.schema == TRACE.schema
    assert [(one.point.epoch, one.why) for one in found.missing] == [(10, "not embedded"), (20, "not embedded")]
    assert found.missing[0].command.endswith(f"score {audit.root} --run planted --epoch 10 --k 2")
    chosen_samples(audit, epoch=10)
    partly = trace(audit, image_id, k=2)
    assert points(partly) == [(RUN, 10, "projector")]
    with pytest.raises(StoppedError):
        make(audit, partly, stop=lambda: True)
    make(audit, partly)
    whole = trace(audit, image_id, k=2)
    assert (whole.table.height, whole.missing) == (2, ())
    assert whole.table.filter(epoch=10).equals(partly.table)


def test_of_runs_only_those_that_were_trained_on_the_image_count(audit: Audit) -> None:
    inside = trained_on(audit, "A", size=8)["image_id"].to_list()
    outside = audit.attacked().filter(~pl.col("image_id").is_in(inside), part="A")
    with_it = trace(audit, inside[0], over="runs")
    assert {run for run, _, _ in points(with_it)} == {RUN, "p-8"}
    without = trace(audit, int(outside["image_id"][0]), over="runs")
    assert points(without) == [(RUN, 20, "projector")]
    (left,) = without.missing
    assert (left.point.run, left.command) == ("p-8", "")
    assert "not trained on it (8 images" in left.why
    with pytest.raises(RequestError, match="not trained on it"):
        trace(audit, int(outside["image_id"][0]), run="p-8")
    control = int(audit.attacked().filter(part="E")["image_id"][0])
    assert {run for run, _, _ in points(trace(audit, control, over="runs"))} == {RUN, "p-8"}
    elsewhere = trace(audit, inside[0], over="runs", epoch=15)
    assert [one.why for one in elsewhere.missing] == ["has no snapshot of both A and B at epoch 15"] * 2
    assert not trace(audit, inside[0], over="runs", epoch=0).table.height  # no default in its place


def test_what_cannot_be_traced_is_refused(audit: Audit) -> None:
    attacked = int(audit.attacked()["image_id"][0])
    public = int(audit.members("X")["image_id"][0])
    with pytest.raises(RequestError, match="is in X"):
        trace(audit, public)
    with pytest.raises(RequestError, match="is in no part"):
        trace(audit, 10**6)
    with pytest.raises(RequestError, match=r"which of projector\.1, projector\?"):
        trace(audit, attacked, run=RUN, layer="projecto")
    with pytest.raises(RequestError, match="X holds"):
        trace(audit, attacked, k=10**6)
    with pytest.raises(StoppedError):
        trace(audit, attacked, stop=lambda: True)
    assert trace(audit, attacked, over="runs", layer="other").missing[0].why == "has no layer other"


def test_damaged_neighbours_are_refused(audit: Audit, tmp_path: Path) -> None:
    shutil.copytree(audit.root, tmp_path / "audit")
    copy = Audit(tmp_path / "audit")
    file = next((copy.root / "neighbours" / RUN / "A-000020" / "projector").rglob("ids.npy"))
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(ArtefactError, match=r"ids\.npy"):
        trace(copy, int(audit.attacked()["image_id"][0]), run=RUN)
