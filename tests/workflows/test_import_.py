import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import polars as pl
import pytest
from onnx import TensorProto, helper
from polars.testing import assert_frame_equal

from dejavu_tui.artefacts import sha256_file, verify
from dejavu_tui.errors import ArtefactError, DejavuError, RequestError, SettingsError
from dejavu_tui.records import EncoderId, never, silent
from dejavu_tui.workflows.browse import open_view
from dejavu_tui.workflows.described import UNKNOWN, Description
from dejavu_tui.workflows.import_ import import_run
from dejavu_tui.workflows.overview import overview, table
from dejavu_tui.workflows.plotted import SOURCES, Wanted
from dejavu_tui.workflows.query import query
from dejavu_tui.workflows.run_settings import prepare
from dejavu_tui.workflows.runs import TRAINERS, choose_run, list_runs
from dejavu_tui.workflows.samples import chosen_samples
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workflows.sizes import runs_by_size
from dejavu_tui.workflows.trace import trace
from dejavu_tui.workspace import Audit
from tests.data.planted import LAYERS, RUN, memory_graph, model_of, planted_audit, write_encoder

FLOAT = TensorProto.FLOAT


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), external=2, memory={10: 0.5, 20: 1.0})


@pytest.fixture
def audit(planted: Audit, tmp_path: Path) -> Audit:
    """The same audit; its own encoders stand outside, in `elsewhere`, as files with cards."""
    for name in ("audit", "images"):
        shutil.copytree(planted.root.with_name(name), tmp_path / name)
    for epoch in (10, 20):
        for trainer in TRAINERS:
            folder = planted.onnx_folder(EncoderId(RUN, trainer, epoch))
            place = tmp_path / "elsewhere" / str(epoch)
            place.mkdir(parents=True, exist_ok=True)
            for suffix in ("onnx", "json"):
                shutil.copyfile(folder / f"encoder.{suffix}", place / f"{trainer}.{suffix}")
    shutil.rmtree(tmp_path / "audit" / "encoders")
    return Audit(tmp_path / "audit")


def files(audit: Audit, epoch: int = 20) -> dict[str, Any]:
    folder = audit.root.parent / "elsewhere" / str(epoch)
    return {"target": folder / "A.onnx", "reference": folder / "B.onnx"}


def edit_card(path: Path, **values: Any) -> None:
    card = path.with_suffix(".json")
    card.write_text(json.dumps(json.loads(card.read_text()) | values))


def test_an_imported_run_scores_like_the_one_it_was(planted: Audit, audit: Audit) -> None:
    for epoch in (10, 20):
        taken = import_run(audit, **files(audit, epoch))
        assert (taken.run, taken.epoch, taken.new) == ("imported", epoch, True)
    scores = score_run(audit, epochs=(10, 20), directions=True)
    expected = score_run(planted, run=RUN, epochs=(10, 20), directions=True)
    assert scores.filter(direction="both", top_percent=100)["dejavu_score"].to_list()[1] > 0.4
    assert_frame_equal(scores.drop("run"), expected.drop("run"), check_exact=True)


def test_what_is_published_is_the_file_with_a_card_that_says_more(audit: Audit) -> None:
    given = files(audit)
    for path in given.values():
        edit_card(path, trained_on=None, sha256=None, epoch=None)
    taken = import_run(audit, **given, run="theirs")
    assert (taken.run, taken.epoch, taken.new) == ("theirs", 0, True)
    for trainer, path in zip(TRAINERS, given.values(), strict=True):
        folder = audit.onnx_folder(EncoderId("theirs", trainer, 0))
        verify(folder, kind="onnx")
        assert (folder / "encoder.onnx").read_bytes() == path.read_bytes()
        card = json.loads((folder / "encoder.json").read_text())
        assert (card["trained_on"], card["sha256"]) == (trainer, sha256_file(path))
        assert (card["input_name"], card["opset"], card["epoch"]) == ("pixels", 20, None)


def test_the_run_imported_last_is_the_default_and_the_same_command_again_changes_nothing(audit: Audit) -> None:
    import_run(audit, **files(audit, 10), run="one")
    import_run(audit, **files(audit, 20), run="two")
    assert [run.name for run in list_runs(audit)] == ["two", "one"]
    stamps = {path: path.stat().st_mtime_ns for path in audit.root.rglob("*")}
    assert not import_run(audit, **files(audit, 10), run="one").new
    assert stamps == {path: path.stat().st_mtime_ns for path in audit.root.rglob("*")}


def test_the_overview_says_what_the_cards_say_of_the_encoders(audit: Audit) -> None:
    given = files(audit)
    for path in given.values():
        edit_card(path, method="byol", architecture="resnet50", train_size=24)
    import_run(audit, **given, run="told")
    for path in given.values():
        edit_card(path, train_size=None)
    import_run(audit, **given, run="silent")
    found = {run.name: run.description for run in overview(audit).runs}
    assert found == {"told": Description("byol", "resnet50", 24), "silent": Description("byol", "resnet50", None)}


def test_a_damaged_card_leaves_the_run_in_the_overview_without_what_it_says(audit: Audit) -> None:
    import_run(audit, **files(audit))
    (audit.onnx_folder(EncoderId("imported", "A", 20)) / "encoder.json").write_text("{")
    (run,) = overview(audit).runs
    assert run.description == UNKNOWN
    assert run.snapshots[-1].damaged is not None


def test_an_import_that_was_cut_short_is_completed(audit: Audit) -> None:
    import_run(audit, **files(audit))
    shutil.rmtree(audit.onnx_folder(EncoderId("imported", "B", 20)))
    assert choose_run(audit, None).epochs == ()
    assert import_run(audit, **files(audit)).new
    assert choose_run(audit, None).epochs == (20,)


def test_overview_and_screens_show_it(audit: Audit) -> None:
    import_run(audit, **files(audit))
    (lack, *_) = overview(audit).missing
    assert lack.what == "run imported: epoch 20 not scored"
    view = open_view(audit, run="imported", epoch=20, layer="projector", progress=silent, stop=never)
    assert view.samples.filter(pl.col("kind") == "memorized").height > 0
    seen = overview(audit)
    assert seen.scores["run"].unique().to_list() == ["imported"]
    assert [run.info.state for run in seen.runs if run.info] == ["imported"]


@pytest.fixture
def trunks(audit: Audit) -> Audit:
    """The audit with a run of encoders that have a backbone and no projector."""
    for path in files(audit).values():
        edit_card(path, layers=["backbone"], dims={"backbone": 3})
    import_run(audit, **files(audit), run="trunks")
    return audit


def test_without_a_projector_the_last_layer_is_measured(trunks: Audit) -> None:
    scores = score_run(trunks, tops=(20, 100))
    assert scores["layer"].unique().to_list() == ["backbone"]
    assert_frame_equal(scores, score_run(trunks, layers=("backbone",), tops=(20, 100)), check_exact=True)
    with pytest.raises(RequestError, match="no layer 'projector'; there are: backbone"):
        score_run(trunks, layers=("projector",))
    seen = overview(trunks)
    assert_frame_equal(seen.scores, scores.select(seen.scores.columns))
    assert table(seen)["layer"].to_list() == ["backbone"]
    assert chosen_samples(trunks).layer == open_view(trunks).layer == "backbone"
    near = query(trunks, trunks.source / str(trunks.images["path"][0]), k=2)
    assert near["encoder"].to_list() == ["A", "A", "B", "B"]


def test_overview_names_the_commands_that_measure_the_last_layer(trunks: Audit) -> None:
    lacks = [(lack.what, lack.command.partition(" --run ")[2]) for lack in overview(trunks).missing]
    assert lacks == [
        ("run trunks: epoch 20 not scored", "trunks --epoch 20"),
        ("run trunks: epoch 20 without an index of X, which queries use", "trunks --epoch 20"),
        ("run trunks: epoch 20 without linear probe", "trunks --epoch 20 --probe"),
    ]


def test_beside_other_runs_each_is_measured_at_its_own_layer(trunks: Audit) -> None:
    folder = trunks.root.parent / "elsewhere" / "10"
    import_run(trunks, target=folder / "A.onnx", reference=folder / "B.onnx", run="whole")
    drawn = SOURCES["runs"].rows(trunks, Wanted(), silent, never)
    assert dict(drawn.numbers.select("run", "layer").iter_rows()) == {"trunks": "backbone", "whole": "projector"}
    attacked = int(chosen_samples(trunks, run="trunks").samples["image_id"][0])
    followed = trace(trunks, attacked, over="runs")
    assert followed.table.select("run", "layer").rows() == [("trunks", "backbone"), ("whole", "projector")]
    assert trace(trunks, attacked, run="trunks").table["layer"].to_list() == ["backbone"]


def test_what_needs_our_settings_says_that_it_was_trained_elsewhere(audit: Audit) -> None:
    import_run(audit, **files(audit))
    with pytest.raises(RequestError, match="was not trained here"):
        runs_by_size(audit, run="imported")
    with pytest.raises(SettingsError, match="was not trained here"):
        prepare(audit, method="simclr", epochs=2, run="imported")


def refused(audit: Audit, error: type[DejavuError], match: str, **given: Any) -> None:
    """Check that the import is refused and leaves nothing behind."""
    before = sorted(audit.root.rglob("*"))
    with pytest.raises(error, match=match):
        import_run(audit, **{**files(audit), **given})
    assert sorted(audit.root.rglob("*")) == before


def test_names_and_places_are_checked_before_anything_is_written(audit: Audit) -> None:
    refused(audit, RequestError, "no such file; name an ONNX file with --reference", reference=Path("nowhere.onnx"))
    refused(audit, RequestError, "cannot be called", run="../x")
    refused(audit, RequestError, "same encoder", reference=files(audit)["target"])
    files(audit)["target"].with_suffix(".json").unlink()
    refused(audit, ArtefactError, r"has no card A\.json beside it; make one with `dejavu export-onnx --format onnx")


def test_exchanged_encoders_are_refused(audit: Audit) -> None:
    given = files(audit)
    refused(
        audit,
        ArtefactError,
        "was trained on B, as its card says, and is given as --target; exchange",
        target=given["reference"],
        reference=given["target"],
    )


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"mean": [0.5, 0.5, 0.5]}, "mean"),
        ({"std": [0.5, 0.5, 0.5]}, "std"),
        ({"method": "byol"}, "method is byol, there planted"),
        ({"epoch": 19}, "epoch is 19, there 20"),
        ({"epoch": None}, "epoch is not named, there 20"),
        ({"layers": ["backbone"], "dims": {"backbone": 3}}, "layers"),
    ],
)
def test_encoders_that_are_not_alike_are_refused(audit: Audit, values: dict[str, Any], named: str) -> None:
    edit_card(files(audit)["reference"], **values)
    refused(audit, ArtefactError, f"does not belong to --target: {named}")


def test_another_encoder_or_training_does_not_get_into_a_run(audit: Audit) -> None:
    given = files(audit)
    import_run(audit, **given)
    for path in given.values():
        edit_card(path, std=[0.5, 0.5, 0.5])
    with pytest.raises(SettingsError, match="has another SSL_A of epoch 20; choose another name"):
        import_run(audit, **given)
    for path in given.values():
        edit_card(path, epoch=30)
    with pytest.raises(SettingsError, match="is of another training: std is"):
        import_run(audit, **given)
    settings = audit.run_folder("here") / "settings.toml"
    settings.parent.mkdir()
    settings.write_text(prepare(audit, method="simclr", epochs=2, run="unused")[1].to_toml())
    with pytest.raises(SettingsError, match="the run 'here' was trained here"):
        import_run(audit, **given, run="here")


def card_says(**values: Any) -> Any:
    return lambda path: edit_card(path, **values)


def keeps_weights_outside(path: Path) -> None:
    model = onnx.load_model(path)
    far = TensorProto(name="far", data_type=FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    far.external_data.add(key="location", value="../../secret")
    model.graph.initializer.append(far)
    rewrite(path, model)


def depends_on_the_batch(path: Path) -> None:
    axes: dict[str, Any] = {"space": np.array([2, 3], np.int64), "all": np.array([0], np.int64)}
    nodes = [
        helper.make_node("ReduceMean", ["pixels", "space"], ["mean"], keepdims=0),
        helper.make_node("ReduceMean", ["mean", "all"], ["middle"]),
        helper.make_node("Sub", ["mean", "middle"], ["centred"]),
    ]
    same = [helper.make_node("Identity", ["centred"], [layer]) for layer in LAYERS]
    rewrite(path, model_of([*nodes, *same], axes, dict.fromkeys(LAYERS, 3)))


def takes_one_image_only(path: Path) -> None:
    model = memory_graph(np.zeros((1, 3)), np.ones((1, 3)))
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    rewrite(path, model)


def rewrite(path: Path, model: onnx.ModelProto) -> None:
    write_encoder(path, model, dims=dict.fromkeys(LAYERS, 3), epoch=20)


@pytest.mark.parametrize(
    ("spoil", "match"),
    [
        (keeps_weights_outside, "keeps weights in another file"),
        (depends_on_the_batch, "another embedding at layer .* export it in eval mode"),
        (takes_one_image_only, "fails to compute"),
        (lambda path: path.write_bytes(path.read_bytes()[:-40]), "is not an ONNX file|not the file that its card"),
        (card_says(dims=dict.fromkeys(LAYERS, 4)), "not as its card says"),
        (card_says(input_size=16), "fails to compute"),
        (card_says(layers=["../../x"], dims={"../../x": 3}), "no valid card"),
        (card_says(method="\x1b]52;c;x\x07"), "no valid card"),
        (card_says(epoch=-1), "no valid card"),
        (card_says(sha256="0" * 64), "other sha256"),
    ],
)
@pytest.mark.parametrize("side", ["target", "reference"])
def test_hostile_and_broken_files_are_refused(audit: Audit, spoil: Any, match: str, side: str) -> None:
    spoil(files(audit)[side])
    refused(audit, ArtefactError, match)


def test_no_torch_is_needed(audit: Audit) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from pathlib import Path; sys.modules['torch'] = None\n"
        "from dejavu_tui.workspace import Audit; from dejavu_tui.workflows.import_ import import_run\n"
        "import_run(Audit(Path(sys.argv[1])), target=Path(sys.argv[2]), reference=Path(sys.argv[3]))\n"
    )
    subprocess.run([sys.executable, "-c", code, audit.root, *files(audit).values()], check=True)
