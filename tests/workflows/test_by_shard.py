import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dejavu_tui.errors import BusyError, RequestError, StoppedError
from dejavu_tui.neighbours.base import Neighbours
from dejavu_tui.records import Compute, EncoderId, Shard, never, silent
from dejavu_tui.workflows.by_shard import STAGES, Asked, embed_stage, search_stage
from dejavu_tui.workflows.columns import Column
from dejavu_tui.workflows.runs import TRAINERS
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workflows.searching import Searching
from dejavu_tui.workflows.shards import shard_lock
from dejavu_tui.workspace import Audit
from tests.data.convolved import convolve
from tests.data.planted import RUN, planted_audit

ASKED = Asked(RUN, (10, 20), k=7, layers=("backbone", "projector"), compute=Compute(workers=1))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    audit = planted_audit(tmp_path_factory.mktemp("made"), images=40, attacked=10, external=4)
    for epoch in (10, 20):
        convolve(audit, epoch)
    return audit


@pytest.fixture
def audit(made: Audit, tmp_path: Path) -> Audit:
    shutil.copytree(made.root.parent, tmp_path / "copy")
    return Audit(tmp_path / "copy/audit")


def stored(audit: Audit) -> dict[str, bytes]:
    """Return what embedding and search left, without the times of day in manifests."""
    files = [path for stage in ("embeddings", "neighbours") for path in (audit.root / stage / RUN).rglob("*.npy")]
    return {str(path.relative_to(audit.root)): path.read_bytes() for path in files}


def run(audit: Audit, stage: str, asked: Asked = ASKED, shard: Shard | None = None) -> None:
    STAGES[stage](audit, asked, shard=shard, progress=silent, stop=never)


@pytest.fixture(scope="module")
def whole(made: Audit, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What one process leaves."""
    folder = tmp_path_factory.mktemp("whole") / "copy"
    shutil.copytree(made.root.parent, folder)
    run(Audit(folder / "audit"), "search")
    return stored(Audit(folder / "audit"))


@pytest.mark.parametrize("of", [1, 2, 5])
def test_shards_of_both_stages_give_the_bytes_of_one_process(
    audit: Audit, whole: dict[str, bytes], of: int
) -> None:
    for stage in ("embed", "search"):
        for number in reversed(range(1, of + 1)):
            run(audit, stage, shard=Shard(number, of))
        run(audit, stage)
    assert stored(audit) == whole
    assert not [path for path in audit.root.rglob(".pieces/**/*") if path.is_file() and path.suffix == ".npy"]


@pytest.mark.parametrize("search", ["exact", "hnsw"])
def test_shards_of_a_search_are_taken_and_not_made_again(
    audit: Audit, search: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = replace(ASKED, search=search, layers=("projector",), epochs=(20,))
    run(audit, "embed", asked)
    if search == "hnsw":
        with pytest.raises(RequestError, match="the index of X is not there yet; run `dejavu index` first"):
            run(audit, "search", asked, Shard(1, 2))
        run(audit, "search", replace(asked, k=3))  # builds it
    for number in (1, 2, 3):
        run(audit, "search", asked, Shard(number, 3))
    monkeypatch.setattr("dejavu_tui.workflows.searching.Searching.rows", lambda *_: pytest.fail("searched again"))
    run(audit, "search", asked)


def test_shards_of_another_k_or_layer_are_not_taken(audit: Audit) -> None:
    run(audit, "embed")
    few = replace(ASKED, k=3, layers=("projector",))
    for number in (1, 2):
        run(audit, "search", few, Shard(number, 2))
    run(audit, "search")
    for epoch in (10, 20):
        folder = audit.neighbours_folder(EncoderId(RUN, "A", epoch), layer="projector", search="exact")
        assert np.load(folder / "ids.npy").shape[1] == max(7, audit.settings.k)


def test_a_score_takes_what_shards_have_made(audit: Audit, whole: dict[str, bytes]) -> None:
    for stage in ("embed", "search"):
        run(audit, stage, shard=Shard(2, 3))
        if stage == "embed":
            run(audit, stage)
    score_run(audit, run=RUN, epochs=(10, 20), layers=ASKED.layers, ks=(7,), resamples=0)
    assert stored(audit) == whole


def test_shards_want_exports_and_whole_embeddings(audit: Audit) -> None:
    with pytest.raises(RequestError, match="A-000010 is not embedded yet; run `dejavu embed --run planted`"):
        run(audit, "search", shard=Shard(1, 2))
    with pytest.raises(RequestError, match=r"A-000010-int8 is not exported yet; .*--precision int8` before"):
        run(audit, "embed", replace(ASKED, precision="int8"), Shard(1, 2))
    shutil.rmtree(audit.onnx_folder(EncoderId(RUN, "B", 20)))
    with pytest.raises(RequestError, match="no snapshot at epoch 20"):
        run(audit, "embed", shard=Shard(1, 2))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"k": 0}, "k = 0, but X holds"),
        ({"k": -3}, "k = -3"),
        ({"k": 10**9}, "but X holds"),
        ({"recall": 7.0}, "the recall is a share"),
        ({"recall": float("nan")}, "the recall is a share"),
        ({"search": "hsnw"}, "did you mean 'hnsw'"),
    ],
)
@pytest.mark.parametrize("shard", [None, Shard(1, 2)])
def test_what_cannot_be_is_refused_before_anything_is_done(
    audit: Audit, wrong: dict[str, Any], said: str, shard: Shard | None
) -> None:
    for stage in STAGES:
        with pytest.raises(RequestError, match=said):
            run(audit, stage, replace(ASKED, **wrong), shard)
    assert not stored(audit)


def test_a_search_that_is_broken_off_keeps_its_blocks(
    audit: Audit, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(audit, "embed")
    monkeypatch.setattr("dejavu_tui.workflows.searching.BLOCK", 10)
    searched: list[int] = []
    rows = Searching.rows

    def broken(self: Searching, first: int, end: int) -> Neighbours:
        searched.append(first)
        if len(searched) == 4:
            raise StoppedError
        return rows(self, first, end)

    monkeypatch.setattr(Searching, "rows", broken)
    with pytest.raises(StoppedError):
        run(audit, "search")
    run(audit, "search")
    assert searched[:5] == [0, 10, 20, 30, 30], "the fourth is done again, the first three are not"
    assert stored(audit) == whole


def test_int8_is_embedded_and_searched_beside_float32(audit: Audit) -> None:
    asked = replace(ASKED, precision="int8", layers=None)
    search_stage(audit, asked, shard=None, progress=silent, stop=never)
    for trainer in TRAINERS:
        encoder = EncoderId(RUN, trainer, 10, "int8")
        assert (audit.embeddings_folder(encoder, layer="projector", view="public") / "vectors.npy").is_file()
    assert not any("A-000010/" in path for path in stored(audit))


def test_a_stage_is_not_put_together_beside_a_shard(audit: Audit) -> None:
    column = Column(audit, EncoderId(RUN, "A", 10), "backbone", "public")
    with shard_lock(audit, column.room, Shard(1, 2)):
        run(audit, "embed", shard=Shard(2, 2))
        with pytest.raises(BusyError):
            embed_stage(audit, ASKED, shard=None, progress=silent, stop=never)


@pytest.mark.parametrize(("total", "unit"), [(0, 8), (1, 8), (63, 8), (64, 8), (65, 8), (1000, 64), (10, 1)])
@pytest.mark.parametrize("of", [1, 2, 3, 7, 100])
def test_the_ranges_of_shards_are_all_rows_once_in_order(total: int, unit: int, of: int) -> None:
    ranges = [Shard(number, of).range(total, unit=unit) for number in range(1, of + 1)]
    assert [row for first, end in ranges for row in range(first, end)] == list(range(total))
    assert all(first % unit == 0 or first == total for first, _ in ranges)
    sizes = [-(-(end - first) // unit) for first, end in ranges]
    assert max(sizes) - min(sizes) <= 1
