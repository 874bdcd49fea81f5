from typing import get_type_hints

import pytest

from dejavu_cli.commands.top import top
from dejavu_tui.listing.fields import SORTS
from dejavu_tui.listing.saved import load_views
from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit
from tests.functional.test_contract import dejavu


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), images=12, attacked=2)


def test_views_are_saved_listed_replaced_and_removed(audit: Audit) -> None:
    none = dejavu("views", cwd=audit.root)
    assert (none.returncode, none.stdout) == (0, "view,filter,sort,descending\n")
    assert "no view yet" in none.stderr
    words = ("--filter", 'Class~"a t",cat conf:-1..', "--sort", "gap", "--reverse")
    saved = dejavu("views", "--save", "cats", *words, cwd=audit.root)
    assert (saved.returncode, saved.stdout, saved.stderr) == (0, "", "view cats is saved\n")
    assert dejavu("views", cwd=audit.root.parent).stdout == (
        'view,filter,sort,descending\ncats,"class~""a t"",cat conf:-1..",gap,false\n'
    )
    again = dejavu("views", "--save", "cats", "--filter", "", cwd=audit.root)
    assert again.stderr == 'view cats is saved; it was: class~"a t",cat conf:-1..\n'
    removed = dejavu("views", "--remove", "cats", cwd=audit.root)
    assert (removed.returncode, removed.stdout) == (0, "")
    assert load_views(audit.root) == {}


def test_the_help_names_the_fields_that_can_be_sorted_by() -> None:
    help_of_sort = get_type_hints(top, include_extras=True)["sort"].__metadata__[0].help
    named = help_of_sort.removeprefix("By ").partition(".")[0].replace(" or ", ", ").split(", ")
    assert named == [*SORTS]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--save", "a"], "--filter"),
        (["--save", "a", "--remove", "a", "--filter", ""], "--save"),
        (["--filter", ""], "--save"),
        (["--save", "a", "--filter", "", "--format", "csv"], "go with a list of views"),
        (["--remove", "a", "--out", "views.csv"], "go with a list of views"),
        (["--save", "a", "--filter", "class:cut"], "did you mean 'cat'?"),
    ],
)
def test_what_cannot_be_saved_or_removed(audit: Audit, words: list[str], said: str) -> None:
    before = load_views(audit.root)
    done = dejavu("views", *words, cwd=audit.root)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert load_views(audit.root) == before
