"""The fields of an attacked image that a filter can ask for and a listing can be sorted by."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from dejavu_tui.records import KINDS


class FieldType(StrEnum):
    """What values of a field are, and so which operators it takes."""

    NUMBER = "number"
    TEXT = "text"
    CLASS = "class name"
    CHOICE = "one of"
    TAGS = "tags"


@dataclass(frozen=True)
class Field:
    """One field: its `column` in the table SAMPLES (empty: none), and its meaning in a line, for help and docs."""

    name: str
    column: str
    type: FieldType
    meaning: str
    choices: tuple[str, ...] = ()
    """The values of a CHOICE, in the order in which they sort."""


_ALL = (
    Field("id", "image_id", FieldType.NUMBER, "image id"),
    Field("path", "path", FieldType.TEXT, "path below the image folder"),
    Field("class", "label_name", FieldType.CLASS, "class of the image; label is the same"),
    Field("guess", "target_guess", FieldType.CLASS, "class that the target encoder guesses"),
    Field("rguess", "reference_guess", FieldType.CLASS, "class that the reference encoder guesses"),
    Field("conf", "target_confidence", FieldType.NUMBER, "confidence of the target encoder, nats, -ln k to 0"),
    Field("rconf", "reference_confidence", FieldType.NUMBER, "confidence of the reference encoder, nats"),
    Field("gap", "confidence_gap", FieldType.NUMBER, "conf - rconf, nats"),
    Field("kind", "kind", FieldType.CHOICE, "what the two guesses make of the image", choices=KINDS),
    Field("part", "part", FieldType.CHOICE, "part of the image; E only if it is named", choices=("A", "B", "E")),
    Field("tag", "", FieldType.TAGS, "a tag that you gave; tag:* is any"),
)

FIELDS: Mapping[str, Field] = MappingProxyType({field.name: field for field in _ALL})
"""The fields by name."""

ALIASES: Mapping[str, str] = MappingProxyType({"label": "class"})
"""Other names of fields."""

SORTS: Mapping[str, bool] = MappingProxyType(
    {field.name: field.name in ("conf", "rconf", "gap") for field in _ALL if field.column}
)
"""Fields that can be sorted by, and whether the largest comes first when first sorted by."""
