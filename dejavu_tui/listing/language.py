r"""The filter language (docs/filters.md): terms that must all hold, as `kind:memorized conf>-1.2 -tag:ok`.

filter   = { term }                        apart by blanks
term     = [ "-" ] ( word | field operator value { "," value } )
operator = ":" | "~" | "<" | "<=" | ">" | ">="
value    = text without blanks, quotes and commas, or text in double quotes with \" and \\
"""

import dataclasses
import math
import re
from dataclasses import dataclass
from enum import StrEnum

from dejavu_tui.config import nearest
from dejavu_tui.errors import FilterError
from dejavu_tui.listing.fields import ALIASES, FIELDS, Field, FieldType
from dejavu_tui.text import safe_text


class Operator(StrEnum):
    """How a field is compared with values."""

    IS = ":"
    CONTAINS = "~"
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


@dataclass(frozen=True)
class Term:
    """One condition: `field` compared with any of `values`, or its opposite; field "" is a bare word.

    `span` says where [start, end) it was typed; terms are equal wherever they stand.
    """

    field: str
    operator: Operator
    values: tuple[str, ...]
    negated: bool = False
    span: tuple[int, int] = dataclasses.field(default=(0, 0), compare=False)

    def __str__(self) -> str:
        sign = "-" if self.negated else ""
        if not self.field:
            return sign + _quoted(self.values[0], plain=_PLAIN_WORD)
        values = ",".join(_quoted(value, plain=_PLAIN_VALUE) for value in self.values)
        return f"{sign}{self.field}{self.operator}{values}"


@dataclass(frozen=True)
class Filter:
    """Terms that must all hold; none of them: every image."""

    terms: tuple[Term, ...] = ()

    def __str__(self) -> str:
        """Return the filter as it can be typed: `parse(str(filter)) == filter`."""
        return " ".join(map(str, self.terms))


_HEAD = re.compile(r"([^\W\d]\w*)(!?[:~<>=]+)")
_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
_VALUE = re.compile(r'[^\s",]+')
_WORD = re.compile(r'[^\s",:~<>=]+')
_PLAIN_VALUE = re.compile(r'[^\s",:~<>=][^\s",]*')
_PLAIN_WORD = re.compile(r'[^\s",:~<>=-][^\s",:~<>=]*')
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_NUMBER = r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?"
_INTERVAL = re.compile(rf"({_NUMBER})?\.\.({_NUMBER})?|({_NUMBER})", re.ASCII)

_COMPARISONS = (Operator.LESS, Operator.AT_MOST, Operator.MORE, Operator.AT_LEAST)
OPERATORS = {
    FieldType.NUMBER: (Operator.IS, *_COMPARISONS),
    FieldType.TEXT: (Operator.IS, Operator.CONTAINS),
    FieldType.CLASS: (Operator.IS, Operator.CONTAINS),
    FieldType.CHOICE: (Operator.IS,),
    FieldType.TAGS: (Operator.IS, Operator.CONTAINS),
}
"""Which operators a type of field takes."""
_MISTYPED = {"=": ":", "==": ":", "=~": "~", "=<": "<=", "=>": ">=", "!=": ":", "!:": ":", "!~": "~"}
"""Operators of other languages and what they are here; those with ! are negated."""
_QUOTE = "write a word or a value there, in double quotes if it holds one of , : ~ < > = or begins with -"
_LONGEST = 4096
"""Characters of a value: as long as a path can be."""
_MOST = 100
"""Terms of a filter, and texts or ranges of a term: each is looked up in every image."""


def parse(text: str) -> Filter:
    """Return the filter that `text` says; empty text: no terms.

    Names of fields and choices are put in their own spelling. Class names are not known here: `places` checks them.

    Raises FilterError: an unknown field, operator or value, with the nearest known one; a quote that does not end;
    over 100 terms, or over 100 texts or ranges in one of them.
    """
    foreign = _SURROGATE.search(text)
    if foreign:
        raise FilterError("a character that is no UTF-8", fix="type it anew", span=foreign.span())
    terms = []
    at = 0
    while (at := _blanks_end(text, at)) < len(text):
        term = _term(text, at)
        terms.append(term)
        if len(terms) > _MOST:
            raise FilterError("too many terms", fix=f"take {_MOST} or fewer", span=term.span)
        at = term.span[1]
    return Filter(tuple(terms))


def interval(value: str) -> tuple[float, float] | None:
    """Return the closed interval that a number or a range `1..5`, `1..`, `..5` means; None if it is neither."""
    read = _INTERVAL.fullmatch(value)
    if read is None or value == "..":
        return None
    low, high, single = read.groups()
    if single is not None:
        low = high = single
    ends = float(low) if low else -math.inf, float(high) if high else math.inf
    typed = [float(one) for one in (low, high) if one]
    return ends if all(map(math.isfinite, typed)) and ends[0] <= ends[1] else None


def _term(text: str, start: int) -> Term:
    negated = text[start] == "-"
    at = start + negated
    head = _HEAD.match(text, at)
    if head is None:
        word, at = _read(text, at, pattern=_WORD)
        if at < len(text) and not text[at].isspace():
            raise FilterError(f"'{text[at]}' in a bare word", fix=_QUOTE, span=(at, at + 1))
        return Term("", Operator.CONTAINS, (word,), negated, (start, at))
    known = _field(head[1], span=head.span(1))
    operator = _operator(head[2], known, span=head.span(2))
    at, values = head.end(), []
    while True:
        begin = at
        value, at = _read(text, at, pattern=_VALUE)
        values.append(_checked(known, operator, value, span=(begin, at)))
        if at == len(text) or text[at].isspace():
            break
        if text[at] != ",":
            raise FilterError("no blank after a value", fix="put one between two terms", span=(at, at + 1))
        at += 1
    if sum(known.type is FieldType.TEXT or ".." in value for value in values) > _MOST:
        raise FilterError("too many values", fix=f"take {_MOST} or fewer", span=(head.end(), at))
    if operator in _COMPARISONS and len(values) > 1:
        fix = f"write one, or {known.name}:1..5 for a range"
        raise FilterError(f"several numbers after '{operator}'", fix=fix, span=(head.end(), at))
    return Term(known.name, operator, tuple(values), negated, (start, at))


def _read(text: str, at: int, *, pattern: re.Pattern[str]) -> tuple[str, int]:
    """Return the word or value at `at`, without its quotes, and where it ends."""
    if text.startswith('"', at):
        quoted = _QUOTED.match(text, at)
        if quoted is None:
            fix = 'end it with "; within quotes write \\" and \\\\'
            raise FilterError("a quote that does not end", fix=fix, span=(at, len(text)))
        if not quoted[1]:
            raise FilterError("an empty value", fix="write a value, or take the term away", span=quoted.span())
        return _short(re.sub(r"\\(.)", r"\1", quoted[1]), quoted.span())
    plain = pattern.match(text, at)
    if plain is None or (pattern is _WORD and plain[0].startswith("-")):
        here = f"'{safe_text(text[at])}'" if at < len(text) and not text[at].isspace() else "nothing"
        raise FilterError(f"{here} where a value should be", fix=_QUOTE, span=(at, min(at + 1, len(text))))
    return _short(plain[0], plain.span())


def _short(value: str, span: tuple[int, int]) -> tuple[str, int]:
    if len(value) > _LONGEST:
        raise FilterError("a value that is too long", fix=f"take {_LONGEST} characters or fewer", span=span)
    return value, span[1]


def _field(typed: str, *, span: tuple[int, int]) -> Field:
    name = ALIASES.get(typed.lower(), typed.lower())
    if name not in FIELDS:
        fix = nearest(typed, [*FIELDS, *ALIASES])
        raise FilterError(f"unknown field '{safe_text(typed, limit=40)}'", fix=fix, span=span)
    return FIELDS[name]


def _operator(typed: str, known: Field, *, span: tuple[int, int]) -> Operator:
    allowed = OPERATORS[known.type]
    for operator in allowed:
        if operator == typed:
            return operator
    meant = _MISTYPED.get(typed, typed)
    if meant in allowed:
        fix = f"write {'-' if typed.startswith('!') else ''}{known.name}{meant}VALUE"
    else:
        fix = f"{known.name} takes {' '.join(allowed)}"
    raise FilterError(f"unknown operator '{typed[:8]}' of {known.name}", fix=fix, span=span)


def _checked(known: Field, operator: Operator, value: str, *, span: tuple[int, int]) -> str:
    shown = safe_text(value, limit=40)
    if known.type is FieldType.CHOICE:
        spelling = {choice.lower(): choice for choice in known.choices}
        if value.lower() not in spelling:
            raise FilterError(f"unknown {known.name} '{shown}'", fix=nearest(value, known.choices), span=span)
        return spelling[value.lower()]
    if known.type is FieldType.NUMBER:
        ends = interval(value)
        if ends is None or (operator in _COMPARISONS and ".." in value):
            one = "a number" if operator in _COMPARISONS else "a number or a range"
            fix = f"write {known.name}{operator}{'1.5' if operator in _COMPARISONS else '1..5'}"
            raise FilterError(f"'{shown}' is not {one}", fix=fix, span=span)
    return value


def _blanks_end(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _quoted(value: str, *, plain: re.Pattern[str]) -> str:
    if plain.fullmatch(value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
