import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.app.acts.completing import complete
from dejavu_tui.listing.fields import FIELDS
from dejavu_tui.listing.language import parse

VALUES = {"class": ("Ankle boot", "Bag", 'q"x', "bagel"), "tag": ("ok", "odd")}


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("ki", "kind:"),
        ("-TA", "-TAg:"),
        ("kind:memorized c", "kind:memorized class:"),
        ("kind:", "kind:memorized"),
        ("kind:MIS", "kind:MISrepresented"),
        ("kind:memorized,co", "kind:memorized,correlated"),
        ("part:A -tag:o", "part:A -tag:ok"),
        ("tag:od", "tag:odd"),
        ("label:ba", "label:bag"),
        ("class:bag", "class:bagel"),
        ('class:"an', 'class:"ankle boot"'),
        ('class:Bag,"Ank', 'class:Bag,"Ankle boot"'),
        ("", None),
        ("kind:memorized ", None),
        ("zebra", None),
        ("conf:1", None),
        ("nofield:a", None),
        ("kind:memorized", None),
    ],
)
def test_completions(typed: str, completed: str | None) -> None:
    found = complete(typed, VALUES)
    assert (found and found.lower()) == (completed and completed.lower())
    assert found is None or found.startswith(typed)


@given(field=st.sampled_from([*VALUES]), value=st.data())
def test_a_completed_value_is_one_that_the_language_reads(field: str, value: st.DataObject) -> None:
    whole = value.draw(st.sampled_from(VALUES[field]))
    found = complete(f"{field}:", {field: (whole,)})
    assert found is not None
    assert parse(found).terms[0].values == (whole,)


def test_every_field_is_found_by_its_name_without_the_last_letter() -> None:
    for name in FIELDS:
        if len(name) > 2:
            found = complete(name[:-1], {})
            assert found is not None
            assert found.startswith(name[:-1])
