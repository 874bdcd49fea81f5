import shlex
from collections.abc import Sequence

import pytest
import typer

from dejavu_cli.listed import asked_listing, in_words
from dejavu_tui.errors import FilterError, RequestError
from dejavu_tui.listing.language import Filter, parse
from dejavu_tui.listing.options import options
from dejavu_tui.listing.places import OPENING, Listing
from dejavu_tui.listing.saved import save_view
from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit

CATS = Listing(parse("class:cat conf<0"), "gap", descending=False)


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    audit = planted_audit(tmp_path_factory.mktemp("planted"), images=12, attacked=2)
    save_view(audit.root, name="cats", listing=CATS)
    return audit


def typed(audit: Audit, words: Sequence[str]) -> Listing:
    left = list(words)
    named: dict[str, str] = {}
    while left:
        option = left.pop(0)
        named[option] = "" if option == "--reverse" else left.pop(0)
    return asked_listing(
        audit, filter=named.get("--filter"), sort=named.get("--sort"), reverse="--reverse" in named
    )


@pytest.mark.parametrize(
    "listing",
    [
        OPENING,
        Listing(Filter(), "conf", True),
        Listing(parse("kind:memorized"), "id", False),
        Listing(parse("kind:memorized"), "id", True),
        Listing(parse('-class:"cat" path~"a \\"b\\""'), "gap", False),
        Listing(parse("part:E"), "path", True),
    ],
)
def test_the_options_of_a_listing_mean_it(audit: Audit, listing: Listing) -> None:
    words = options(listing)
    assert typed(audit, shlex.split(shlex.join(words))) == listing
    assert (words == ()) == (listing == OPENING)


def test_without_options_the_memorized_are_listed_and_parts_narrow_them(audit: Audit) -> None:
    assert asked_listing(audit) == OPENING
    assert asked_listing(audit, parts=("A", "E")).filter == parse("kind:memorized part:A,E")
    assert asked_listing(audit, kinds=()).filter == asked_listing(audit, filter="").filter == Filter()
    assert asked_listing(audit, kinds=("correlated",), filter="class:cat", parts=("A",)).filter == parse(
        "class:cat kind:correlated part:A"
    )


def test_a_view_brings_terms_and_order_and_more_can_be_asked(audit: Audit) -> None:
    assert asked_listing(audit, view="cats") == CATS
    assert asked_listing(audit, view="cats", reverse=True) == Listing(CATS.filter, "gap", True)
    assert asked_listing(audit, view="cats", sort="gap") == Listing(CATS.filter, "gap", True)
    assert asked_listing(audit, view="cats", sort="id").descending is False
    more = asked_listing(audit, view="cats", filter="-tag:ok", kinds=("memorized",))
    assert more.filter == parse("class:cat conf<0 -tag:ok kind:memorized")


def test_what_contradicts_or_is_not_there_is_refused(audit: Audit) -> None:
    with pytest.raises(typer.BadParameter, match="a term of kind"):
        asked_listing(audit, filter="-kind:memorized", kinds=())
    with pytest.raises(typer.BadParameter, match="a term of part"):
        asked_listing(audit, filter="part:A", parts=("B",))
    with pytest.raises(FilterError, match="did you mean 'cat'"):
        asked_listing(audit, view="cats", filter="guess:cut")
    with pytest.raises(RequestError, match="did you mean 'cats'"):
        asked_listing(audit, view="cat")
    with pytest.raises(RequestError, match="did you mean 'conf'"):
        asked_listing(audit, sort="confidence")


def test_the_line_above_a_table() -> None:
    assert in_words(OPENING) == "memorized, most confident target encoder first"
    assert in_words(Listing(Filter(), "conf", True)) == "most confident target encoder first"
    assert in_words(Listing(parse("-kind:memorized"), "conf", False)) == "-kind:memorized, by conf, smallest first"
    assert in_words(CATS) == "class:cat conf<0, by gap, smallest first"
