from pathlib import Path

import numpy as np
import pytest
from numpy.typing import DTypeLike

from dejavu_tui.artefacts import publish, read_manifest
from dejavu_tui.errors import ArtefactError, RequestError
from dejavu_tui.records import EncoderId
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workflows.search import EXACT_LIMIT, NEIGHBOURS, choose_search
from tests.data.planted import RUN, planted_audit


def test_auto_is_exact_up_to_a_constant() -> None:
    dim = EXACT_LIMIT // (10_000 * 1_000_000)
    assert choose_search("auto", queries=10_000, public=1_000_000, dim=dim) == "exact"
    assert choose_search("auto", queries=10_000, public=1_000_000, dim=dim + 1) == "hnsw"


def test_what_is_typed_is_taken() -> None:
    assert choose_search("exact", queries=10**9, public=10**9, dim=10**9) == "exact"
    assert choose_search("hnsw", queries=1, public=1, dim=1) == "hnsw"
    with pytest.raises(RequestError, match="did you mean 'exact'"):
        choose_search("exakt", queries=1, public=1, dim=1)


@pytest.mark.parametrize(
    ("file", "dtype"), [("ids.npy", np.int32), ("ids.npy", np.float64), ("distances.npy", np.float32)]
)
def test_stored_neighbours_of_other_types_are_refused_not_misread(
    tmp_path: Path, file: str, dtype: DTypeLike
) -> None:
    audit = planted_audit(tmp_path, images=20, attacked=4, memory={20: 1.0})
    score_run(audit, resamples=0)
    folder = audit.neighbours_folder(EncoderId(RUN, "A", 20), layer="projector", search="exact")
    manifest = read_manifest(folder, kind=NEIGHBOURS)
    assert manifest
    files = {name: (folder / name).read_bytes() for name in manifest.files}
    other = np.load(folder / file).astype(dtype)
    with publish(folder, kind=NEIGHBOURS, identity=manifest.identity) as draft:
        for name, data in files.items():
            (draft.folder / name).write_bytes(data)
        np.save(draft.folder / file, other)
        draft.counts |= manifest.counts
    with pytest.raises(ArtefactError, match="do not fit together"):
        score_run(audit, resamples=0)


def test_stored_neighbours_are_read_without_the_embeddings(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, images=20, attacked=4, memory={20: 1.0})
    expected = score_run(audit, resamples=0)
    for path in (audit.root / "embeddings").rglob("vectors.npy"):
        path.write_bytes(path.read_bytes()[:-1])  # whoever reads it says that it is damaged
    assert score_run(audit, resamples=0).equals(expected)
