import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejavu_tui.errors import FilterError
from dejavu_tui.listing.fields import FIELDS, Field, FieldType
from dejavu_tui.listing.language import OPERATORS, Filter, Operator, Term, interval, parse

words = st.text(min_size=1, max_size=12) | st.text(' "\\,:~<>=-.*ab1\n', min_size=1, max_size=6)
numbers = st.one_of(
    st.integers(-(10**9), 10**9).map(str), st.floats(-1e6, 1e6).map(repr), st.sampled_from([".5", "-.5", "1e3"])
)


@st.composite
def of_field(draw: st.DrawFn, known: Field) -> Term:
    operator = draw(st.sampled_from(OPERATORS[known.type]))
    value = words
    most = 3
    if known.type is FieldType.CHOICE:
        value = st.sampled_from(known.choices)
    elif known.type is FieldType.NUMBER:
        value = numbers
        if operator is Operator.IS:
            ends = st.tuples(numbers, numbers).map(lambda two: "..".join(sorted(two, key=float)))
            value |= ends | numbers.map(lambda low: f"{low}..") | numbers.map(lambda high: f"..{high}")
        else:
            most = 1
    values = draw(st.lists(value, min_size=1, max_size=most))
    return Term(known.name, operator, tuple(values), draw(st.booleans()))


bare = st.builds(lambda word, negated: Term("", Operator.CONTAINS, (word,), negated), words, st.booleans())
terms = bare | st.sampled_from(list(FIELDS.values())).flatmap(of_field)


@settings(deadline=None)
@given(st.lists(terms, max_size=4))
def test_what_is_written_is_read_as_the_same_filter(found: list[Term]) -> None:
    typed = str(Filter(tuple(found)))
    again = parse(typed)
    assert again == Filter(tuple(found))
    assert str(again) == typed
    assert [typed[slice(*term.span)] for term in again.terms] == [str(term) for term in found]


def read(text: str) -> Filter | FilterError:
    try:
        return parse(text)
    except FilterError as error:
        return error


@settings(deadline=None)
@given(st.text(max_size=30) | st.text('ab :~<>=,."\\-1ckind', max_size=20))
def test_any_text_is_a_filter_or_an_error_that_points_into_it(text: str) -> None:
    found = read(text)
    if isinstance(found, FilterError):
        start, end = found.span
        assert 0 <= start <= end <= len(text)
        assert len(str(found).splitlines()) == 1
    else:
        assert parse(str(found)) == found


def test_the_terms_of_a_line() -> None:
    typed = '  kind:Memorized  conf>-1.2 label~swan,"black bird" -tag:ok path~"a \\"b\\" \\\\" -goose '
    assert parse(typed).terms == (
        Term("kind", Operator.IS, ("memorized",)),
        Term("conf", Operator.MORE, ("-1.2",)),
        Term("class", Operator.CONTAINS, ("swan", "black bird")),
        Term("tag", Operator.IS, ("ok",), negated=True),
        Term("path", Operator.CONTAINS, ('a "b" \\',)),
        Term("", Operator.CONTAINS, ("goose",), negated=True),
    )
    assert parse("") == parse(" \n ") == Filter()


@pytest.mark.parametrize(
    ("typed", "wrong", "said"),
    [
        ("conf>1 knd:memorized", "knd", "did you mean 'kind'?"),
        ("Klass:Bag", "Klass", "did you mean 'class'?"),
        ("kind:memorised", "memorised", "did you mean 'memorized'?"),
        ("kind:memorized,corelated", "corelated", "did you mean 'correlated'?"),
        ("kind:mem", "mem", "did you mean 'memorized'?"),
        ("confidence>-1", "confidence", "did you mean 'conf'?"),
        ("part:Q", "Q", "known are: A, B, E"),
        ("part:X", "X", "known are: A, B, E"),
        ("conf=1", "=", "write conf:VALUE"),
        ("kind!=memorized", "!=", "write -kind:VALUE"),
        ("conf=>1", "=>", "write conf>=VALUE"),
        ("conf~1", "~", "conf takes : < <= > >="),
        ("kind~memo", "~", "kind takes :"),
        ("path<a", "<", "path takes : ~"),
        ("conf>high", "high", "not a number"),
        ("conf>1..2", "1..2", "not a number"),
        ("conf<1,2", "1,2", "conf:1..5 for a range"),
        ("conf:2..1", "2..1", "not a number or a range"),
        ("conf:..", "..", "not a number or a range"),
        ("id:1e999", "1e999", "not a number"),
        ("id:nan", "nan", "not a number"),
        ('class:"swan', '"swan', "a quote that does not end"),
        (r'class:"a\b"', r'"a\b"', 'write \\" and \\\\'),
        ('class:""', '""', "an empty value"),
        ('class:"a"b', "b", "no blank after a value"),
        ("class:", "", "nothing where a value should be"),
        ("class:a,", "", "nothing where a value should be"),
        ("class:,a", ",", "',' where a value should be"),
        ("swan,goose", ",", "in a bare word"),
        ("--swan", "-", "'-' where a value should be"),
        ("- swan", " ", "nothing where a value should be"),
        ("swan \udcff", "\udcff", "no UTF-8"),
        ("path~" + "x" * 5000, "x" * 5000, "4096 characters or fewer"),
        ("conf:\x1b[2J", "\x1b[2J", r"'\x1b[2J' is not a number"),
        ("a " * 100 + "b", "b", "100 or fewer"),
        ("path~a" + ",a" * 100, "a" + ",a" * 100, "100 or fewer"),
        ("id:1..2" + ",1..2" * 100, "1..2" + ",1..2" * 100, "100 or fewer"),
    ],
)
def test_what_cannot_be_read_is_pointed_at_and_the_nearest_is_named(typed: str, wrong: str, said: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(typed)
    assert typed[slice(*caught.value.span)] == wrong
    assert said in str(caught.value)
    assert f"character {caught.value.span[0] + 1}:" in str(caught.value)
    assert caught.value.exit_code == 2


def test_ranges_are_closed_and_may_be_open_at_one_end() -> None:
    assert interval("1..5") == (1, 5)
    assert interval("-2.5..-.5") == (-2.5, -0.5)
    assert interval("..3") == (-float("inf"), 3)
    assert interval("3..") == (3, float("inf"))
    assert interval("1e2") == (100, 100)
    assert interval("0...5") == (0, 0.5)
    assert interval("1...5") is None
