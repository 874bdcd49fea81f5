import shutil
from pathlib import Path

import polars as pl
import pytest

from dejavu_tui.errors import MeasurementError, RequestError
from dejavu_tui.plots import figure_names, load_figure
from dejavu_tui.records import EncoderId
from dejavu_tui.workflows.classes import classes
from dejavu_tui.workflows.histogram import histogram
from dejavu_tui.workflows.plot import check_out, draw, save
from dejavu_tui.workflows.plotted import Wanted
from dejavu_tui.workflows.samples import chosen_samples
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workspace import Audit
from tests.data.planted import LAYERS, RUN, planted_audit
from tests.workflows.sized import audit_without_attack, plant_run


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), external=4, memory={10: 0.0, 20: 0.5})


@pytest.fixture(scope="module")
def sized(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    audit = planted_audit(tmp_path_factory.mktemp("sized"))
    for run, size in {"p-8": 8, "p": None}.items():
        plant_run(audit, run, size=size, share=0.5)
    plant_run(audit, "other", size=8, lr=0.5)
    return audit


def rows(table: pl.DataFrame) -> list[tuple[object, ...]]:
    return table.select("epoch", "layer", "top_percent", "direction", "dejavu_score", "ci_low", "ci_high").rows()


def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dejavu_tui.workflows.probe.find_spec", lambda _name: None)


def test_confidence_is_drawn_from_every_p_of_the_last_epoch(audit: Audit) -> None:
    drawn = draw(audit, "confidence")
    assert drawn.numbers["top_percent"].to_list() == list(range(1, 101))
    assert set(drawn.numbers["direction"]) == {"both"}
    scores = score_run(audit).filter(direction="both")
    assert rows(drawn.numbers.filter(pl.col("top_percent").is_in(scores["top_percent"].to_list()))) == rows(scores)
    assert drawn.chart == load_figure("confidence").chart(drawn.numbers)


@pytest.mark.parametrize("figure", ["epochs", "partition"])
def test_epochs_and_partition_are_drawn_from_every_snapshot(audit: Audit, figure: str) -> None:
    top = 20 if figure == "partition" else 5
    drawn = draw(audit, figure, Wanted(top=None if figure == "partition" else top, layer="backbone"))
    scores = score_run(audit, epochs=(10, 20), layers=("backbone",), tops=(top,))
    assert rows(drawn.numbers) == rows(scores)


def test_layers_are_drawn_from_all_layers_of_the_encoder(audit: Audit) -> None:
    drawn = draw(audit, "layers", Wanted(epoch=10))
    assert rows(drawn.numbers) == rows(score_run(audit, epochs=(10,), layers=LAYERS, tops=(20,)))


def test_runs_are_drawn_from_the_last_epoch_of_every_run_that_can_be_scored(sized: Audit, tmp_path: Path) -> None:
    shutil.copytree(sized.root.parent, tmp_path / "copy")
    copy = Audit(tmp_path / "copy" / sized.root.name)
    for epoch in (10, 20):
        shutil.rmtree(copy.onnx_folder(EncoderId("p-8", "B", epoch)))
    (copy.run_folder("damaged")).mkdir()
    (copy.run_folder("damaged") / "settings.toml").write_text("epochs = []")
    drawn = draw(copy, "runs", Wanted(top=5))
    both = drawn.numbers.filter(direction="both")
    names = ("other", "p", RUN)
    assert both.select("run", "epoch", "top_percent").rows() == [(name, 20, 5) for name in names]
    expected = [score_run(copy, run=name, tops=(5,)) for name in names]
    assert rows(drawn.numbers) == rows(pl.concat(expected))
    assert [line.split(":")[0] for line in drawn.missing] == ["run damaged", "run p-8"]


def test_runs_cannot_be_drawn_where_none_can_be_scored(audit: Audit) -> None:
    with pytest.raises(RequestError, match=r"no layer 'projector\.7'"):
        draw(audit, "runs", Wanted(layer="projector.7"))


def test_sizes_are_drawn_from_all_runs_that_differ_in_size_alone(sized: Audit) -> None:
    drawn = draw(sized, "sizes", Wanted(run="p"))
    both = drawn.numbers.filter(direction="both")
    assert both.select("run", "train_size").rows() == [("p-8", 8), ("p", 32)]
    assert drawn.missing == ()
    assert draw(sized, "sizes", Wanted(run="other", epoch=10)).missing == (
        "other sizes: none is trained; `dejavu train --size N` does it",
    )


def test_a_size_that_is_not_so_far_is_named(sized: Audit, tmp_path: Path) -> None:
    shutil.copytree(sized.root.parent, tmp_path / "copy")
    copy = Audit(tmp_path / "copy" / sized.root.name)
    shutil.rmtree(copy.onnx_folder(EncoderId("p-8", "B", 20)))
    drawn = draw(copy, "sizes", Wanted(run="p"))
    assert set(drawn.numbers["run"]) == {"p"}
    assert "run p-8: no snapshot of both A and B at epoch 20" in drawn.missing


@pytest.mark.parametrize("figure", ["epochs", "sizes"])
def test_the_probe_stands_beside_the_score_where_torch_is(
    sized: Audit, figure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = draw(sized, figure, Wanted(run="p"))
    assert drawn.numbers["probe_gap"].null_count() == 0
    assert [panel.y.label for panel in drawn.chart.panels][1] == "linear probe gap"
    without_torch(monkeypatch)
    stored = draw(sized, figure, Wanted(run="p"))
    assert stored.numbers.equals(drawn.numbers)
    assert stored.missing == drawn.missing


def test_without_torch_only_probes_that_are_not_stored_are_missing_and_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = planted_audit(tmp_path, memory={10: 0.0, 20: 0.5})
    score_run(audit, epochs=(20,), tops=(20,), resamples=0, probe=True)
    without_torch(monkeypatch)
    drawn = draw(audit, "epochs")
    both = drawn.numbers.filter(direction="both")
    assert both.filter(pl.col("probe_gap").is_not_null())["epoch"].to_list() == [20]
    why = "no linear probe: torch is not installed (pip install 'dejavu-tui[train]')"
    assert drawn.missing == (f"the linear probe: {why}",)
    assert not audit.embeddings_folder(EncoderId(RUN, "A", 10), layer="backbone", view="own").exists()
    for probe in audit.root.rglob("probe-[AB]"):
        shutil.rmtree(probe)
    without = draw(audit, "epochs")
    assert without.numbers["probe_gap"].count() == 0
    assert len(without.chart.panels) == len(drawn.chart.panels) - 1
    assert without.missing == drawn.missing


def test_classes_and_histogram_are_drawn_from_their_tables(audit: Audit) -> None:
    drawn = draw(audit, "classes", Wanted(k=5))
    assert drawn.numbers.equals(classes(audit, chosen_samples(audit, k=5)).filter(direction="both"))
    drawn = draw(audit, "histogram")
    assert set(histogram(chosen_samples(audit))["part"]) == {"A", "B", "E"}
    assert drawn.numbers.equals(histogram(chosen_samples(audit)).filter(pl.col("part") != "E"))


@pytest.mark.parametrize("figure", figure_names())
def test_every_figure_says_how_its_neighbours_were_found(sized: Audit, figure: str) -> None:
    wanted = Wanted() if figure == "runs" else Wanted(run="p")
    assert draw(sized, figure, wanted).searched.unique().rows() == [("exact", 1.0)]


@pytest.mark.parametrize("ending", ["png", "svg", "pdf", "PNG"])
def test_a_picture_and_its_numbers_twice_the_same(audit: Audit, tmp_path: Path, ending: str) -> None:
    drawn = draw(audit, "epochs")
    picture, numbers = save(drawn, tmp_path / f"e.{ending}")
    assert sorted(tmp_path.iterdir()) == sorted([picture, numbers])
    table = pl.read_csv(numbers)
    assert table["dejavu_score"].to_list() == drawn.numbers["dejavu_score"].to_list()
    first = picture.read_bytes(), numbers.read_bytes()
    save(draw(audit, "epochs"), picture)
    assert (picture.read_bytes(), numbers.read_bytes()) == first


@pytest.mark.parametrize(
    ("figure", "wanted", "reason"),
    [
        ("pie", Wanted(), "no figure 'pie'"),
        ("epochs", Wanted(epoch=10), "figure epochs takes no --epoch"),
        ("confidence", Wanted(top=5), "figure confidence takes no --top"),
        ("layers", Wanted(layer="projector"), "figure layers takes no --layer"),
        ("confidence", Wanted(epoch=7), "no snapshot at epoch 7"),
        ("epochs", Wanted(run="x"), "no run 'x'"),
        ("classes", Wanted(k=500), "X holds 80 images"),
        ("layers", Wanted(top=101), "from 1 to 100"),
        ("layers", Wanted(top=0), "from 1 to 100"),
        ("partition", Wanted(top=5), "figure partition takes no --top"),
        ("runs", Wanted(run="x"), "figure runs takes no --run"),
    ],
)
def test_what_cannot_be_drawn_is_refused(audit: Audit, figure: str, wanted: Wanted, reason: str) -> None:
    with pytest.raises(RequestError, match=reason):
        draw(audit, figure, wanted)


def test_where_no_image_of_a_and_b_is_attacked_only_figures_with_e_are_drawn(tmp_path: Path) -> None:
    audit, run = audit_without_attack(tmp_path)
    for figure in figure_names():
        wanted = Wanted() if figure == "runs" else Wanted(run=run)
        if figure in ("epochs", "layers", "runs", "sizes"):
            drawn = draw(audit, figure, wanted)
            assert "no image of A and B is attacked" in drawn.chart.notes[0]
            save(drawn, tmp_path / f"{figure}.svg")
            continue
        with pytest.raises(MeasurementError, match=r"nothing to draw; it says: no image of .*A .* B is attacked"):
            draw(audit, figure, wanted)


@pytest.mark.parametrize(
    ("out", "reason"),
    [
        ("c.bmp", r"\.png, \.svg, \.pdf"),
        ("c", "name it FILE.png"),
        ("gone/c.png", "no such folder"),
        ("picture.png", r"picture\.png: is a folder"),
        ("numbers.svg", r"numbers\.csv: is a folder"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_first(tmp_path: Path, out: str, reason: str) -> None:
    for folder in ("picture.png", "numbers.csv"):
        (tmp_path / folder).mkdir()
    with pytest.raises(RequestError, match=reason):
        check_out(tmp_path / out)
