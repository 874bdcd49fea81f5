import pytest

from dejavu_tui.records import KINDS
from dejavu_tui.tables import HISTOGRAM
from dejavu_tui.workflows.histogram import histogram
from dejavu_tui.workflows.samples import chosen_samples
from dejavu_tui.workflows.score import score_run
from tests.data.planted import planted_audit


def test_the_bins_sum_to_the_attacked_images_and_the_kinds_to_their_shares(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    audit = planted_audit(tmp_path_factory.mktemp("planted"), external=4, memory={20: 0.5})
    table = histogram(chosen_samples(audit, k=6))
    assert table.schema == HISTOGRAM.schema
    assert sorted(table["part"].unique()) == ["A", "B", "E"]
    scores = score_run(audit, ks=(6,), tops=(100,), resamples=0)
    for encoder in ("target", "reference"):
        of_encoder = table.filter(encoder=encoder)
        assert of_encoder["images"].sum() == audit.attacked().height
        for row in scores.iter_rows(named=True):
            parts = ["A", "B"] if row["direction"] == "both" else ["E"]
            mine = of_encoder.filter(of_encoder["part"].is_in(parts))
            for kind in KINDS:
                assert mine.filter(kind=kind)["images"].sum() == round(row[kind] * row["n"])


def test_of_the_images_that_are_remembered_only_the_target_is_sure(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    audit = planted_audit(tmp_path_factory.mktemp("planted"), telling=0.0, memory={20: 1.0})
    table = histogram(chosen_samples(audit)).filter(kind="memorized")
    sure = table.filter(table["high"] == 0).group_by("encoder").agg(images=table["images"].sum())
    assert sure.height == 2
    of_target = table.filter(encoder="target")
    assert of_target.filter(of_target["high"] == 0)["images"].sum() == of_target["images"].sum() > 0
    of_reference = table.filter(encoder="reference")
    assert of_reference.filter(of_reference["high"] == 0)["images"].sum() < of_reference["images"].sum()
