"""A sound instrument passes; one that is wrong in any of the ways here is told to be."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from dejavu_tui.errors import StoppedError
from dejavu_tui.images.boxes import Box
from dejavu_tui.inference import votes
from dejavu_tui.inference.confidence import confidence
from dejavu_tui.neighbours.base import Neighbours
from dejavu_tui.neighbours.exact import ExactSearch
from dejavu_tui.records import Step
from dejavu_tui.scores import accuracy
from dejavu_tui.scores.intervals import bootstrap
from dejavu_tui.scores.partition import kind_counts
from dejavu_tui.tables import CALIBRATION
from dejavu_tui.workflows import infer
from dejavu_tui.workflows.calibrate import instrument
from dejavu_tui.workflows.calibrate.instrument import calibrate, failed
from dejavu_tui.workflows.calibrate.noise import Expected, exactly
from dejavu_tui.workflows.calibrate.truths import CORRELATES, REMEMBERS_ALL, TRUTHS, Truth

FEW = tuple(replace(truth, dials=(0,)) for truth in TRUTHS if truth.name in ("remembers all", "remembers a part"))
"""Planted in one world: they alone must tell nearly every fault."""


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instrument, "RESAMPLES", 20)  # no interval is looked at in FEW
    monkeypatch.setattr(instrument, "PER_CLASS", 9)  # 72 images, of which 30% is no whole number either


def run(truths: Sequence[Truth] = FEW, **asked: Any) -> pl.DataFrame:
    return calibrate(truths=truths, **asked)


def test_a_sound_instrument_passes_every_check_and_gives_the_same_again() -> None:
    steps: list[Step] = []
    table = calibrate(progress=steps.append)
    assert failed(table).is_empty(), failed(table)
    assert table.schema == CALIBRATION.schema
    assert (table["low"] <= table["high"]).all()
    checks = {check.split(",")[0] for check in table["check"]}
    assert checks == {*(truth.name for truth in TRUTHS), "identities"}
    dials = {check for check in table["check"] if check.startswith("correlates")}
    assert len(dials) == 5
    assert steps[-1].done == steps[-1].total == len(steps) - 1
    again = calibrate(truths=(replace(CORRELATES, dials=(0.5,)),))
    same = table.filter(check="correlates, dial 0.5")
    assert again.filter(check="correlates, dial 0.5").equals(same)


@pytest.mark.usefixtures("quick")
def test_another_seed_is_another_measurement_and_passes() -> None:
    one, other = run(seed=1), run(seed=2)
    assert failed(pl.concat([one, other])).is_empty()
    assert one["expected"].equals(other["expected"])
    assert not one["measured"].equals(other["measured"])


@pytest.mark.usefixtures("quick")
def test_coverage_adds_its_rows_and_fails_outside_93_to_97_percent(monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(datasets: int, **_rest: Any) -> Any:
        yield f"of {datasets}", Expected(0.95, 0.93, 0.97), 0.925

    monkeypatch.setattr(instrument, "coverage_rows", rows)
    table = run(coverage=200)
    assert failed(table).select("check", "quantity", "measured").rows() == [("interval coverage", "of 200", 0.925)]


def test_a_stop_ends_it() -> None:
    with pytest.raises(StoppedError):
        calibrate(stop=lambda: True)


def test_an_undefined_number_fails() -> None:
    row = instrument._row("check", "quantity", exactly(0), None)
    assert (row["verdict"], row["measured"]) == ("fail", None)


Patch = Callable[[pytest.MonkeyPatch], None]


def neighbours_shuffled(patch: pytest.MonkeyPatch) -> None:
    search = ExactSearch.search

    def wrong(self: Any, queries: Any, *, k: int) -> Neighbours:
        found = search(self, queries, k=k)
        order = np.random.default_rng(0).permutation(len(found.ids))
        return Neighbours(found.ids[order], found.distances[order])

    patch.setattr(ExactSearch, "search", wrong)


def neighbours_of_the_next_image(patch: pytest.MonkeyPatch) -> None:
    search = ExactSearch.search

    def wrong(self: Any, queries: Any, *, k: int) -> Neighbours:
        found = search(self, queries, k=k)
        return Neighbours(np.roll(found.ids, 1, axis=0), np.roll(found.distances, 1, axis=0))

    patch.setattr(ExactSearch, "search", wrong)


def furthest_instead_of_nearest(patch: pytest.MonkeyPatch) -> None:
    search = ExactSearch.search

    def wrong(self: Any, queries: Any, *, k: int) -> Neighbours:
        found = search(self, queries, k=len(self.ids))
        return Neighbours(found.ids[:, ::-1][:, :k].copy(), found.distances[:, ::-1][:, :k].copy())

    patch.setattr(ExactSearch, "search", wrong)


def target_and_reference_exchanged(patch: pytest.MonkeyPatch) -> None:
    right = infer.answers

    def wrong(attacked: Any, inferred: Any, **rest: Any) -> Any:
        return right(attacked, {"A": inferred["B"], "B": inferred["A"]}, **rest)

    patch.setattr("dejavu_tui.workflows.score.answers", wrong)


def confidence_with_the_wrong_sign(patch: pytest.MonkeyPatch) -> None:
    right = confidence
    patch.setattr("dejavu_tui.workflows.infer.confidence", lambda counts: -right(counts))


def votes_of_other_labels(patch: pytest.MonkeyPatch) -> None:
    right = votes.tally
    patch.setattr("dejavu_tui.workflows.infer.tally", lambda labels: right((labels + 1) % 8))


def hits_of_the_images_before(patch: pytest.MonkeyPatch) -> None:
    right = votes.Votes.hits
    patch.setattr(votes.Votes, "hits", lambda self, labels, rank: right(self, np.roll(labels, 1), rank=rank))


FIND_CROP = "dejavu_tui.workflows.split_crops.find_crop"


def crops_of_the_whole_image(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(FIND_CROP, lambda *_, width, height, **__: Box(0, 0, width, height))


def crops_that_show_a_strip_of_the_object(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(FIND_CROP, lambda *_, width, height, **__: Box(10, 0, width, height))


def one_image_too_many_at_the_cut(patch: pytest.MonkeyPatch) -> None:
    right = accuracy.cut
    patch.setattr(accuracy, "cut", lambda n, percents: np.minimum(right(n, percents) + 1, n))


def the_cut_rounded_up(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(accuracy, "cut", lambda n, percents: np.maximum(1, -(-percents * n // 100)))


def memorized_and_misrepresented_exchanged(patch: pytest.MonkeyPatch) -> None:
    right = kind_counts
    patch.setattr("dejavu_tui.scores.rows.kind_counts", lambda target, reference: right(reference, target))


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "fault",
    [
        neighbours_shuffled,
        neighbours_of_the_next_image,
        furthest_instead_of_nearest,
        target_and_reference_exchanged,
        confidence_with_the_wrong_sign,
        votes_of_other_labels,
        hits_of_the_images_before,
        crops_of_the_whole_image,
        crops_that_show_a_strip_of_the_object,
        one_image_too_many_at_the_cut,
        the_cut_rounded_up,
        memorized_and_misrepresented_exchanged,
    ],
)
def test_a_wrong_instrument_is_told(fault: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    fault(monkeypatch)
    assert failed(run()).height


def test_encoders_resampled_apart_are_told_by_the_width_of_the_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    right = bootstrap

    def wrong(answers: Any, percents: Any, **rest: Any) -> Any:
        order = np.random.default_rng(0).permutation(len(answers))
        apart = replace(
            answers,
            reference_hit=answers.reference_hit[order],
            reference_confidence=answers.reference_confidence[order],
        )
        return right(apart, percents, **rest)

    monkeypatch.setattr("dejavu_tui.scores.rows.bootstrap", wrong)
    bad = failed(run((replace(CORRELATES, dials=(0.5,)), replace(REMEMBERS_ALL, dials=(0.5,)))))
    assert bad.select("check", "quantity").rows() == [("correlates, dial 0.5", "interval width, both, top 100%")]
