import numpy as np
import pytest

from dejavu_tui.errors import ArtefactError
from dejavu_tui.neighbours.base import Neighbours
from dejavu_tui.workflows.infer import answers, infer
from dejavu_tui.workflows.search import Found
from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), images=20, attacked=4, external=2, memory={10: 0})


def found(audit: Audit, *, label: int) -> Found:
    """Return neighbours that all have `label`, but for the last, for every attacked image."""
    public = audit.members("X")
    own = (
        public.filter(label=label)["image_id"].to_list()[:4]
        + public.filter(label=3 - label)["image_id"].to_list()[:1]
    )
    queries = audit.attacked()["image_id"].to_numpy()
    ids = np.tile(np.array(own), (len(queries), 1))
    return Found(queries, Neighbours(ids, np.zeros(ids.shape)), 1.0, "")


def test_target_and_reference_change_places_in_b_and_not_in_e(audit: Audit) -> None:
    inferred = {"A": infer(audit, found(audit, label=0), k=5), "B": infer(audit, found(audit, label=1), k=4)}
    attacked = audit.attacked()
    for part, one in answers(attacked, inferred, label_rank=1).items():  # type: ignore[arg-type]
        labels = attacked.filter(part=part)["label"].to_numpy()
        says = (1, 0) if part == "B" else (0, 1)
        assert one.target_hit.tolist() == (labels == says[0]).tolist()
        assert one.reference_hit.tolist() == (labels == says[1]).tolist()
        unanimous, split = 0.0, round(0.8 * np.log(0.8) + 0.2 * np.log(0.2), 12)
        assert set(one.target_confidence) == {unanimous if part == "B" else split}


def test_neighbours_outside_x_are_refused(audit: Audit) -> None:
    good = found(audit, label=0)
    attacked = np.tile(good.queries[:5], (len(good.queries), 1))
    for ids in (good.neighbours.ids + 100_000, attacked, np.full_like(attacked, -1)):
        with pytest.raises(ArtefactError):
            infer(audit, Found(good.queries, Neighbours(ids, good.neighbours.distances), 1.0, ""), k=3)
    with pytest.raises(ArtefactError):
        infer(audit, Found(good.queries + 1, good.neighbours, 1.0, ""), k=3)
