"""Completion of a filter while it is typed: names of fields, then values of classes, tags and choices."""

import re
from collections.abc import Mapping, Sequence

from textual.suggester import Suggester

from dejavu_tui.listing.fields import ALIASES, FIELDS
from dejavu_tui.listing.language import Operator, Term

_LAST = re.compile(
    r'(?:^|.*\s)-?(?:(?P<field>[^\W\d]\w*):(?:[^\s]*,)?)?(?P<begun>"[^"]*|[^\s",:~<>=-][^\s",:~<>=]*)?'
)


def complete(text: str, values: Mapping[str, Sequence[str]]) -> str | None:
    """Return `text` with its last word completed; None: nothing is known that begins so.

    `values` are the known values of the fields that have any, beside those that the language knows.
    """
    found = _LAST.fullmatch(text)
    if found is None:
        return None
    field, begun = found["field"], found["begun"] or ""
    if field is None:
        names = [f"{name}:" for name in FIELDS]
        return _first(text, begun, names) if begun else None
    name = ALIASES.get(field.lower(), field.lower())
    if name not in FIELDS:
        return None
    known = [*FIELDS[name].choices, *values.get(name, ())]
    return _first(text, begun, [str(Term("", Operator.CONTAINS, (value,))) for value in known])


def _first(text: str, begun: str, candidates: Sequence[str]) -> str | None:
    for candidate in candidates:
        if candidate.lower().startswith(begun.lower()) and len(candidate) > len(begun):
            return text + candidate[len(begun) :]
    return None


class Completer(Suggester):
    """Gives the input line what `complete` finds."""

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._values = values

    async def get_suggestion(self, value: str) -> str | None:
        """Return what the line could become."""
        return complete(value, self._values)
