import polars as pl
import pytest

from dejavu_tui.errors import RequestError
from dejavu_tui.records import KINDS
from dejavu_tui.tables import CLASSES
from dejavu_tui.workflows.classes import classes
from dejavu_tui.workflows.samples import chosen_samples
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), external=4, memory={10: 0.0, 20: 0.5})


@pytest.mark.parametrize("rank", [1, 2, 5])
def test_weighted_by_n_the_classes_are_the_score_row_at_100_percent(audit: Audit, rank: int) -> None:
    table = classes(audit, chosen_samples(audit), label_rank=rank, directions=True)
    assert table.schema == CLASSES.schema
    scores = score_run(audit, tops=(100,), label_ranks=(rank,), directions=True, resamples=0)
    assert sorted(table["direction"].unique()) == sorted(scores["direction"])
    for row in scores.iter_rows(named=True):
        mine = table.filter(direction=row["direction"])
        assert mine["n"].sum() == row["n"]
        pairs = {"gap": "dejavu_score"} | {name: name for name in ("accuracy_target", "accuracy_reference", *KINDS)}
        for name, theirs in pairs.items():
            assert (mine[name] * mine["n"]).sum() / row["n"] == pytest.approx(row[theirs], abs=1e-12)


def test_a_later_rank_never_makes_a_hit_a_miss(audit: Audit) -> None:
    first, fifth = (classes(audit, chosen_samples(audit), label_rank=rank) for rank in (1, 5))
    assert (fifth["accuracy_target"] >= first["accuracy_target"]).all()
    assert (fifth["accuracy_reference"] >= first["accuracy_reference"]).all()
    assert fifth["accuracy_reference"].sum() > first["accuracy_reference"].sum()


def test_the_snapshot_is_the_last_of_the_last_run_unless_named(audit: Audit) -> None:
    assert classes(audit, chosen_samples(audit)).select("epoch", "k", "layer").unique().rows() == [
        (20, 10, "projector")
    ]
    early = classes(audit, chosen_samples(audit, epoch=10, k=4, layer="backbone"))
    assert early.select("epoch", "k", "layer").unique().rows() == [(10, 4, "backbone")]
    assert early.filter(direction="both")["gap"].to_list() == [0, 0, 0, 0], "nothing is remembered at epoch 10"


def test_classes_stand_in_order_of_their_label(audit: Audit) -> None:
    both = classes(audit, chosen_samples(audit)).filter(direction="both")
    assert both.select("label", "label_name").rows() == [(0, "ant"), (1, "bee"), (2, "cat"), (3, "dog")]
    assert classes(audit, chosen_samples(audit))["direction"].unique(maintain_order=True).to_list() == ["both", "E"]
    assert both.filter(pl.col("note").is_not_null()).is_empty()


@pytest.mark.parametrize("rank", [0, 6])
def test_a_label_rank_that_is_not_measured_is_refused(audit: Audit, rank: int) -> None:
    with pytest.raises(RequestError, match="--labels from 1 to 5"):
        classes(audit, chosen_samples(audit), label_rank=rank)
