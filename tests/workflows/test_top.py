import polars as pl
import pytest

from dejavu_tui.errors import RequestError
from dejavu_tui.records import KINDS
from dejavu_tui.tables import SAMPLES
from dejavu_tui.workflows.samples import chosen_samples
from dejavu_tui.workflows.top import top
from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), external=4, memory={20: 0.5})


@pytest.mark.parametrize("kind", KINDS)
def test_the_most_confident_of_a_kind_come_first_and_equal_ones_by_id(audit: Audit, kind: str) -> None:
    everything = chosen_samples(audit, run=None, epoch=20, layer="projector", k=10).samples.filter(
        pl.col("part") != "E"
    )
    wanted = sorted(
        everything.filter(kind=kind).iter_rows(named=True),
        key=lambda row: (-row["target_confidence"], row["image_id"]),
    )
    for n in (1, 3, 1000):
        found = top(chosen_samples(audit), n=n, kind=kind)  # type: ignore[arg-type]
        assert found.schema == SAMPLES.schema
        assert found["image_id"].to_list() == [row["image_id"] for row in wanted[:n]]


def test_the_control_images_are_listed_only_when_asked_for(audit: Audit) -> None:
    every = top(chosen_samples(audit), n=1000, kind="all")
    assert sorted(every["part"].unique()) == ["A", "B"]
    control = top(chosen_samples(audit), n=1000, kind="all", parts=("E",))
    assert control["part"].unique().to_list() == ["E"]
    assert every.height + control.height == audit.attacked().height


def test_what_nobody_remembers_is_an_empty_table(audit: Audit) -> None:
    nothing = top(chosen_samples(audit, layer="backbone"), n=5)
    assert nothing.is_empty()
    assert nothing.schema == SAMPLES.schema


def test_no_images_are_no_list(audit: Audit) -> None:
    with pytest.raises(RequestError, match="-n 1"):
        top(chosen_samples(audit), n=0)
