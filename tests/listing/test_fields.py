from dejavu_tui.listing.fields import ALIASES, FIELDS, SORTS, FieldType
from dejavu_tui.tables import SAMPLES


def test_fields_are_columns_of_the_table_and_have_a_meaning() -> None:
    for name, field in FIELDS.items():
        assert field.name == name
        assert field.meaning
        assert (field.column in SAMPLES.schema) == (field.type is not FieldType.TAGS)
        assert bool(field.choices) == (field.type is FieldType.CHOICE)


def test_numbers_of_the_encoders_come_largest_first_and_all_else_smallest_first() -> None:
    assert {name for name, descending in SORTS.items() if descending} == {"conf", "rconf", "gap"}
    assert set(SORTS) == set(FIELDS) - {"tag"}
    assert set(ALIASES.values()) <= set(FIELDS)
