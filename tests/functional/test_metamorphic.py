"""What may not change a number, tried on the whole path from pictures to the table.

Names and order mean nothing: an audit whose images, classes or parts are called otherwise has the same scores and
intervals to the last bit. Only images of X at exactly the same distance follow their ids (METHOD section 3).
"""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from polars.testing import assert_frame_equal

from dejavu_tui.records import KINDS, EncoderId, Trainer
from dejavu_tui.workflows.classes import classes
from dejavu_tui.workflows.runs import TRAINERS
from dejavu_tui.workflows.samples import chosen_samples
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workspace import Audit
from tests.data.lookup import lookup_audit
from tests.data.planted import RUN, planted_audit
from tests.data.remade import EXCHANGED, remade

KS, TOPS = (60, 20, 5), (1, 5, 20, 50, 100)


def looked_up(folder: Path) -> Audit:
    """Classes that overlap, under two encoders that have nothing to do with each other."""
    rng = np.random.default_rng(3)
    labels = np.repeat(np.arange(4), 45)
    tables = {}
    for trainer in TRAINERS:
        centres = rng.normal(size=(4, 5))
        tables[trainer] = centres[np.repeat(labels, 2)] + rng.normal(size=(2 * len(labels), 5))
    return lookup_audit(folder, tables, classes=4, attacked=8, external=4, k=100)


def planted(folder: Path) -> Audit:
    return planted_audit(folder, images=50, attacked=8, external=4, k=100, memory={1: 0.5})


@pytest.fixture(scope="module", params=[looked_up, planted])
def audit(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Audit:
    make: Callable[[Path], Audit] = request.param
    return make(tmp_path_factory.mktemp("audit"))


@pytest.fixture(scope="module")
def table(audit: Audit) -> pl.DataFrame:
    return scores(audit)


def scores(audit: Audit, *, ks: tuple[int, ...] = KS) -> pl.DataFrame:
    return score_run(audit, ks=ks, tops=TOPS, label_ranks=(1, 2, 5), directions=True, resamples=200)


def permuted(audit: Audit, *parts: str) -> dict[str, str]:
    """New names of all images: those of `parts` exchange theirs within their class."""
    rng = np.random.default_rng(5)
    names = {path: path for path in audit.images["path"]}
    for _, group in audit.members(*parts).group_by("label", maintain_order=True):
        paths = group["path"].to_list()
        names |= {paths[old]: paths[new] for new, old in enumerate(rng.permutation(len(paths)))}
    return names


def backwards(audit: Audit) -> dict[str, str]:
    """New names of all images: the classes have others, whose order is the reverse."""
    known = sorted(set(audit.images["label_name"]), reverse=True)
    return {
        path: f"new{known.index(name):02d}/{path.split('/')[1]}"
        for path, name in audit.images.select("path", "label_name").iter_rows()
    }


def told(audit: Audit, *, k: int, names: dict[str, str] | None = None) -> pl.DataFrame:
    """What is said of each attacked image, ids and labels replaced by the names that stand for them in `names`."""
    frame = chosen_samples(audit, run=RUN, epoch=1, layer="projector", k=k).samples
    old = {new: path for path, new in (names or {path: path for path in audit.images["path"]}).items()}
    by_id = {image_id: old[path] for image_id, path in audit.images.select("image_id", "path").iter_rows()}
    by_label = {label: old[path].split("/")[0] for label, path in audit.images.select("label", "path").iter_rows()}
    return frame.select(
        pl.col("image_id").replace_strict(by_id).alias("path"),
        pl.col("label", "target_guess", "reference_guess").replace_strict(by_label),
        "part",
        "kind",
        "target_confidence",
        "reference_confidence",
        "target_distances",
        "reference_distances",
        pl.col("target_neighbours", "reference_neighbours").list.eval(pl.element().replace_strict(by_id)),
    ).sort("path")


@pytest.mark.parametrize(
    "rename",
    [
        pytest.param(lambda audit: permuted(audit, "A", "B", "E", "X"), id="all images permuted"),
        pytest.param(lambda audit: permuted(audit, "X"), id="X permuted"),
        pytest.param(backwards, id="classes renamed"),
    ],
)
def test_names_and_order_decide_nothing(
    audit: Audit, table: pl.DataFrame, tmp_path: Path, rename: Callable[[Audit], dict[str, str]]
) -> None:
    names = rename(audit)
    again = remade(audit, tmp_path, renamed=names.__getitem__)
    assert any(old != new for old, new in names.items())
    assert_frame_equal(scores(again), table, check_exact=True)
    for k in (20, 60):
        assert_frame_equal(told(again, k=k, names=names), told(audit, k=k), check_exact=True)


def test_exchanging_a_and_b_leaves_both_as_it_is(audit: Audit, table: pl.DataFrame, tmp_path: Path) -> None:
    there = scores(remade(audit, tmp_path, places=EXCHANGED, encoders=EXCHANGED))
    hashes = ("encoder_target", "encoder_reference")
    both = (table.filter(direction="both"), there.filter(direction="both"))
    assert_frame_equal(both[0].drop(hashes), both[1].drop(hashes), check_exact=True)
    assert both[0]["encoder_target"].to_list() == both[1]["encoder_reference"].to_list()
    for here, other in (("A", "B"), ("B", "A")):  # each direction goes with its encoders
        assert_frame_equal(
            table.filter(direction=here).drop("direction"),
            there.filter(direction=other).drop("direction"),
            check_exact=True,
        )
    _assert_mirrored(table.filter(direction="E"), there.filter(direction="E"))


def test_exchanging_the_encoders_alone_turns_every_score(audit: Audit, table: pl.DataFrame, tmp_path: Path) -> None:
    _assert_mirrored(table, scores(remade(audit, tmp_path, encoders=EXCHANGED)))


def _assert_mirrored(here: pl.DataFrame, there: pl.DataFrame) -> None:
    pairs = (
        ("accuracy_target", "accuracy_reference"),
        ("accuracy_reference", "accuracy_target"),
        ("memorized", "misrepresented"),
        ("misrepresented", "memorized"),
        ("correlated", "correlated"),
        ("unassociated", "unassociated"),
        ("mcnemar_p", "mcnemar_p"),
        ("tie_block", "tie_block"),
    )
    for one, other in pairs:
        assert here[one].to_list() == there[other].to_list()
    assert here["dejavu_score"].to_list() == (-there["dejavu_score"]).to_list()
    for one, other in (("ci_low", "ci_high"), ("ci_high", "ci_low")):
        assert here[one].to_list() == pytest.approx((-there[other]).to_list(), abs=1e-12)


@pytest.mark.parametrize("trainer", TRAINERS)
def test_an_encoder_against_itself_scores_zero(audit: Audit, tmp_path: Path, trainer: Trainer) -> None:
    itself = scores(remade(audit, tmp_path, encoders={"A": trainer, "B": trainer}))
    for name in ("dejavu_score", "ci_low", "ci_high", "memorized", "misrepresented"):
        assert set(itself[name]) == {0.0}, name
    assert set(itself["mcnemar_p"]) == {1.0}
    assert itself["accuracy_target"].to_list() == itself["accuracy_reference"].to_list()
    assert itself["correlated"].max() > 0  # type: ignore[operator]


def test_k_20_of_a_search_of_100_is_a_search_of_20(audit: Audit, table: pl.DataFrame, tmp_path: Path) -> None:
    again = remade(audit, tmp_path, k=20)
    assert_frame_equal(scores(again, ks=(20, 5)), table.filter(pl.col("k") <= 20), check_exact=True)
    for trainer in TRAINERS:
        stored = []
        for one in (audit, again):
            encoder = EncoderId(RUN, trainer, 1)
            folder = one.neighbours_folder(encoder, layer="projector", search="exact")
            stored.append((np.load(folder / "ids.npy"), np.load(folder / "distances.npy")))
        (ids, distances), (fewer, nearer) = stored
        assert (ids.shape[1], fewer.shape[1]) == (100, 20)
        assert np.array_equal(ids[:, :20], fewer)
        assert np.array_equal(distances[:, :20], nearer)


@pytest.mark.parametrize("label_rank", [1, 5])
def test_classes_add_up_to_the_whole(audit: Audit, table: pl.DataFrame, label_rank: int) -> None:
    of_classes = classes(audit, chosen_samples(audit, k=20), label_rank=label_rank, directions=True)
    whole = table.filter(k=20, label_rank=label_rank, top_percent=100)
    assert set(of_classes["direction"]) == {"both", "A", "B", "E"}
    for row in whole.iter_rows(named=True):
        parts = of_classes.filter(direction=row["direction"])
        assert parts["n"].sum() == row["n"]
        for name in ("accuracy_target", "accuracy_reference", *KINDS):
            mean = (parts[name] * parts["n"]).sum() / row["n"]
            assert mean == pytest.approx(row[name], abs=1e-12)
        assert (parts["gap"] * parts["n"]).sum() / row["n"] == pytest.approx(row["dejavu_score"], abs=1e-12)


def test_the_identities_hold_in_every_row(table: pl.DataFrame) -> None:
    for row in table.iter_rows(named=True):
        assert sum(row[kind] for kind in KINDS) == pytest.approx(1, abs=1e-12)
        difference = row["accuracy_target"] - row["accuracy_reference"]
        assert row["dejavu_score"] == pytest.approx(difference, abs=1e-12)
        assert row["ci_low"] <= row["ci_high"]
    for row in table.filter(top_percent=100).iter_rows(named=True):
        assert row["memorized"] + row["correlated"] == pytest.approx(row["accuracy_target"], abs=1e-12)
        assert row["misrepresented"] + row["correlated"] == pytest.approx(row["accuracy_reference"], abs=1e-12)
        assert row["memorized"] - row["misrepresented"] == pytest.approx(row["dejavu_score"], abs=1e-12)
    one_row = table.group_by("k", "label_rank", "direction").agg(pl.col(*KINDS, "n", "mcnemar_p").n_unique())
    assert one_row.drop("k", "label_rank", "direction").unique().row(0) == (1,) * 6  # the same at every p


def test_both_is_the_mean_of_the_directions(table: pl.DataFrame) -> None:
    key = ["k", "label_rank", "top_percent"]
    names = ["accuracy_target", "accuracy_reference", "dejavu_score", *KINDS]
    halves = table.filter(pl.col("direction").is_in(["A", "B"])).group_by(key).agg(pl.col(names).mean())
    both = table.filter(direction="both").select(*key, *names)
    assert_frame_equal(both.sort(key), halves.sort(key), check_exact=False, abs_tol=1e-12, rel_tol=0)


def test_more_guesses_hit_at_least_as_often(table: pl.DataFrame) -> None:
    key = ["k", "direction", "top_percent"]
    ranks = [table.filter(label_rank=rank).sort(key) for rank in (1, 2, 5)]
    for fewer, more in pairwise(ranks):
        for name in ("accuracy_target", "accuracy_reference", "correlated"):
            assert (more[name] >= fewer[name] - 1e-12).all()
        assert (more["unassociated"] <= fewer["unassociated"]).all()


def test_equal_distances_follow_the_ids_and_nothing_else(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    tables = {trainer: rng.integers(0, 3, (160, 2)).astype(float) for trainer in TRAINERS}
    audit = lookup_audit(tmp_path / "one", tables, classes=2, attacked=6, k=20)
    names = permuted(audit, "X")
    again = remade(audit, tmp_path / "other", renamed=names.__getitem__)
    here, there = told(audit, k=20), told(again, k=20, names=names)
    for side in ("target", "reference"):
        assert here[f"{side}_distances"].to_list() == there[f"{side}_distances"].to_list()
        for frame, one in ((here, audit), (there, again)):
            _assert_ties_in_order(chosen_samples(one, run=RUN, epoch=1, layer="projector", k=20).samples, side)
            assert frame.height == 24
        pairs = zip(
            here[f"{side}_neighbours"].to_list(),
            there[f"{side}_neighbours"].to_list(),
            here[f"{side}_distances"].to_list(),
            strict=True,
        )
        for mine, theirs, distances in pairs:
            nearer = [distance < distances[-1] for distance in distances]
            assert _among(mine, nearer) == _among(theirs, nearer)


def _among(names: list[str], chosen: list[bool]) -> list[str]:
    return sorted(name for name, take in zip(names, chosen, strict=True) if take)


def _assert_ties_in_order(frame: pl.DataFrame, side: str) -> None:
    ids: NDArray[np.int64] = np.array(frame[f"{side}_neighbours"].to_list())
    distances = np.array(frame[f"{side}_distances"].to_list())
    tied = distances[:, 1:] == distances[:, :-1]
    assert tied.sum() > 100
    assert (np.diff(ids, axis=1)[tied] > 0).all()
