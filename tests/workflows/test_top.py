import polars as pl
import pytest

from dejavu_tui.errors import ArtefactError, FilterError, RequestError
from dejavu_tui.listing.language import Filter, parse
from dejavu_tui.listing.places import Listing
from dejavu_tui.listing.tags import TAGS_FILE, TagFile
from dejavu_tui.records import KINDS
from dejavu_tui.tables import SAMPLES
from dejavu_tui.workflows.samples import chosen_samples
from dejavu_tui.workflows.top import alone, top
from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit

EVERYTHING = Listing(Filter(), "id", descending=False)


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
        found = top(audit, chosen_samples(audit), n=n, listing=Listing(parse(f"kind:{kind}"), "conf", True))
        assert found.schema == SAMPLES.schema
        assert found["image_id"].to_list() == [row["image_id"] for row in wanted[:n]]
        if kind == "memorized":
            assert top(audit, chosen_samples(audit), n=n).equals(found)


def test_the_control_images_are_listed_only_when_asked_for(audit: Audit) -> None:
    every = top(audit, chosen_samples(audit), listing=EVERYTHING)
    assert sorted(every["part"].unique()) == ["A", "B"]
    control = top(audit, chosen_samples(audit), listing=Listing(parse("part:E"), "id", False))
    assert control["part"].unique().to_list() == ["E"]
    assert every.height + control.height == audit.attacked().height


def test_what_nobody_remembers_is_an_empty_table_and_the_empty_term_is_found(audit: Audit) -> None:
    chosen = chosen_samples(audit, layer="backbone")
    nothing = top(audit, chosen, n=5)
    assert nothing.is_empty()
    assert nothing.schema == SAMPLES.schema
    attacked = audit.attacked().filter(pl.col("part") != "E")
    cats = attacked.filter(label_name="cat").height
    typed = parse("class:cat kind:memorized -class:cat")
    assert alone(audit, chosen, typed) == tuple(zip(typed.terms, (cats, 0, attacked.height - cats), strict=True))
    assert alone(audit, chosen, Filter()) == ()


def test_tags_are_read_where_they_are_asked_for(audit: Audit) -> None:
    chosen = chosen_samples(audit)
    ids = top(audit, chosen, listing=EVERYTHING)["image_id"].to_list()
    TagFile(audit.root).tag(ids[:2], tag="look")
    for typed in ("tag:look", "LOOK"):
        assert top(audit, chosen, listing=Listing(parse(typed), "id", False))["image_id"].to_list() == ids[:2]
    (audit.root / TAGS_FILE).write_text("damaged\n", encoding="utf-8")
    assert top(audit, chosen, listing=EVERYTHING).height == len(ids)
    with pytest.raises(ArtefactError, match="line 1"):
        top(audit, chosen, listing=Listing(parse("-tag:ok"), "id", False))
    (audit.root / TAGS_FILE).unlink()


def test_what_cannot_be_listed(audit: Audit) -> None:
    with pytest.raises(RequestError, match="-n 1"):
        top(audit, chosen_samples(audit), n=0)
    with pytest.raises(FilterError, match="did you mean 'cat'"):
        top(audit, chosen_samples(audit), listing=Listing(parse("guess:cut"), "id", False))
