import itertools
import operator
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejavu_tui.errors import FilterError, RequestError
from dejavu_tui.listing.fields import FIELDS, SORTS, FieldType
from dejavu_tui.listing.language import Filter, Operator, Term, interval, parse
from dejavu_tui.listing.places import OPENING, Listing, of_each_kind, of_field, places, replaced
from dejavu_tui.records import KINDS
from tests.listing.frames import NAMES, rows, samples, tags

TYPED = [
    "",
    "kind:memorized",
    "kind:memorized,Correlated part:E",
    "part:a,e",
    "-part:A",
    "class:swan",
    'guess:BAG,"black swan"',
    "-rguess~SWAN",
    "swan",
    "-ok",
    "lOOk",
    "0001/img",
    "path~03,0005",
    "path~.*",
    "[/",
    r'path~"\\w",0003/IMG.',
    "path~" + "x" * 4096,
    "path:0002/img.png",
    "tag:*",
    "-tag:*",
    "tag:OK",
    "tag~ok -tag:look",
    "conf:-1",
    "conf:-1.50,0..1",
    "conf>-1.5 rconf<=-1",
    "gap>=0 -gap:1",
    "id:3,9..15",
    "id<10 id>2",
    '"a \\"b\\", c"',
]
COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def seen(row: dict[str, Any], term: Term, given_tags: frozenset[str]) -> bool:
    """The meaning of a term, for one row, in plain Python."""
    values = [value.lower() for value in term.values]
    if not term.field:
        texts = [row["path"], *(NAMES[row[name]] for name in ("label", "target_guess", "reference_guess"))]
        return any(values[0] in text.lower() for text in [*texts, *given_tags])
    field = FIELDS[term.field]
    if field.type is FieldType.NUMBER:
        number = row[field.column]
        if term.operator is not Operator.IS:
            return bool(COMPARE[term.operator](number, float(values[0])))
        return any(low <= number <= high for low, high in filter(None, map(interval, values)))
    if field.type is FieldType.TAGS:
        have = [tag.lower() for tag in given_tags]
    else:
        value = row[field.column]
        have = [(NAMES[value] if isinstance(value, int) else value).lower()]
    if term.operator is Operator.CONTAINS:
        return any(value in text for value in values for text in have)
    return bool(have) and ("*" in values or any(text in values for text in have))


def oracle(frame: pl.DataFrame, typed: Filter, given_tags: dict[int, frozenset[str]]) -> list[int]:
    control = any(term.field == "part" and not term.negated and "E" in term.values for term in typed.terms)
    return [
        place
        for place, row in enumerate(frame.iter_rows(named=True))
        if (row["part"] != "E" or control)
        and all(
            seen(row, term, given_tags.get(row["image_id"], frozenset())) != term.negated for term in typed.terms
        )
    ]


@settings(deadline=None)
@given(st.lists(rows, max_size=12), tags, st.lists(st.sampled_from(TYPED), max_size=2).map(" ".join))
def test_lists_just_what_the_terms_say(
    drawn: list[dict[str, object]], given_tags: dict[int, frozenset[str]], typed: str
) -> None:
    frame = samples(drawn)
    found = places(frame, Listing(parse(typed), "id", False), names=NAMES, tags=given_tags)
    assert found.tolist() == oracle(frame, parse(typed), given_tags)


KEYS = {"class": "label", "path": "path"}


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [True, False])
@settings(deadline=None, max_examples=40)
@given(drawn=st.lists(rows, max_size=12))
def test_every_field_sorts_and_equal_ones_stay_in_order_of_id(
    sort: str, descending: bool, drawn: list[dict[str, object]]
) -> None:
    frame = samples(drawn)
    listed = frame[places(frame, Listing(parse("part:A,B,E"), sort, descending), names=NAMES, tags={})]
    assert listed.height == frame.height
    column = KEYS.get(sort, FIELDS[sort].column)
    keys = [KINDS.index(value) if sort == "kind" else value for value in listed[column]]
    for (a, i), (b, j) in itertools.pairwise(zip(keys, listed["image_id"], strict=True)):
        assert (a >= b) if descending else (a <= b)
        assert a != b or i < j


@settings(deadline=None, max_examples=40)
@given(st.lists(rows, max_size=12), tags, st.lists(st.sampled_from(TYPED), max_size=2), st.sampled_from(KINDS))
def test_kinds_are_counted_among_what_the_other_terms_list(
    drawn: list[dict[str, object]], given_tags: dict[int, frozenset[str]], typed: list[str], kind: str
) -> None:
    frame = samples(drawn)
    whole = parse(" ".join([*typed, f"kind:{kind}", f"-kind:{kind}"]))
    others = Filter(tuple(term for term in whole.terms if term.field != "kind"))
    listed = [frame["kind"][place] for place in oracle(frame, others, given_tags)]
    counts = of_each_kind(frame, whole, names=NAMES, tags=given_tags)
    assert counts == {one: listed.count(one) for one in KINDS}


def test_opens_on_the_memorized_most_confident_first() -> None:
    assert Listing(parse("kind:memorized"), "conf", True) == OPENING


def test_a_class_or_a_sort_that_is_not_there_is_refused() -> None:
    frame = samples([])
    with pytest.raises(FilterError, match=r"no class 'swam'.*did you mean 'Swan'\?") as caught:
        places(frame, Listing(parse("conf>1 guess:bag,swam"), "id", False), names=NAMES, tags={})
    assert caught.value.span == (7, 21)
    assert len(places(frame, Listing(parse("class~swam tag:swam swam"), "id", False), names=NAMES, tags={})) == 0
    with pytest.raises(RequestError, match="cannot sort by 'confidence'"):
        places(frame, Listing(Filter(), "confidence", False), names=NAMES, tags={})


def test_keys_put_replace_and_take_away_the_terms_of_a_field() -> None:
    typed = parse("kind:memorized class~swan -kind:correlated conf>-1")
    assert str(replaced(typed, "kind", ("correlated", "misrepresented"))) == (
        "kind:correlated,misrepresented class~swan conf>-1"
    )
    assert str(replaced(typed, "kind", ())) == "class~swan conf>-1"
    assert str(replaced(typed, "class", ('a "b", c',))) == f'{typed} class:"a \\"b\\", c"'
    assert replaced(typed, "tag", ("ok",)).terms[-1].span == (51, 57)
    with pytest.raises(FilterError, match="memorized"):
        replaced(typed, "kind", ("memorised",))


def test_the_values_of_a_field_are_those_that_all_its_terms_let_through() -> None:
    typed = parse("kind:memorized,correlated -kind:unassociated kind:correlated,misrepresented class~swan")
    assert of_field(typed, "kind") == ("correlated",)
    assert of_field(typed, "class") == of_field(typed, "part") == ()
    for values in (("A",), ("A", "E")):
        assert of_field(replaced(typed, "part", values), "part") == values
