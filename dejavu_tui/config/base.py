"""Base of every settings file: TOML read by frozen models that refuse unknown keys and name the nearest."""

import difflib
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Self, TypeAlias

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from dejavu_tui.errors import SettingsError
from dejavu_tui.text import safe_text

Fraction: TypeAlias = Annotated[float, Field(gt=0, le=1)]
NAME_PATTERN = r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$"
"""What a run may be called: it becomes a folder's name."""
_BOUNDS = {
    "greater_than_equal": ("less than", "ge"),
    "greater_than": ("not above", "gt"),
    "less_than_equal": ("more than", "le"),
    "less_than": ("not below", "lt"),
}
_KINDS = {
    **dict.fromkeys(("float_parsing", "float_type"), "number"),
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float"), "whole number"),
}
"""Pydantic's kinds of errors, as people say them."""
_NAMED = 12
"""Known names that an error lists."""


class Settings(BaseModel):
    """Base of every settings file."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def parse(cls, values: dict[str, Any], *, where: str | Path) -> Self:
        """Check `values`, which came from `where`.

        Raises SettingsError: an unknown key (with the nearest known one), a missing key, a value out of range.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors()[0]
            key = safe_text(".".join(str(part) for part in first["loc"]), limit=80)
            if first["type"] == "extra_forbidden":
                raise SettingsError(
                    f"unknown setting '{key}'", where=where, fix=nearest(key.rpartition(".")[2], _keys(cls))
                ) from None
            why = safe_text(_why(first), limit=160)
            what = f"setting '{key}': {why}" if key else why
            raise SettingsError(what, where=where, fix="correct its value" if key else "correct that") from None

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the TOML file at `path`. Raises SettingsError if it is missing, not TOML, or not these settings."""
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
            raise SettingsError(
                f"cannot be read as TOML ({safe_text(str(error), limit=160)})",
                where=path,
                fix="restore the file, or make it anew with the command that wrote it",
            ) from None
        return cls.parse(values, where=path)

    def to_toml(self) -> str:
        """Return the settings as TOML; keys without a value are left out."""
        return tomli_w.dumps(self.model_dump(mode="json", exclude_none=True))

    def differences(self, other: "Settings") -> list[str]:
        """Return one line `key: mine, other theirs` for each setting that differs, nested keys dotted."""
        mine, theirs = _flat(self.model_dump(mode="json")), _flat(other.model_dump(mode="json"))
        return [
            f"{key}: {_shown(mine.get(key))} here, {_shown(theirs.get(key))} asked"
            for key in sorted(mine.keys() | theirs.keys())
            if mine.get(key) != theirs.get(key)
        ]


def nearest(typed: str, known: Iterable[str]) -> str:
    """Return, safe to show, the advice which of `known` is meant by `typed`, in any case; else the first of them.

    A name is also meant by its beginning, and before any that is only alike; or by what begins with it. Where
    several begin as `typed` does, all of them are named.
    """
    spelling = {safe_text(one, limit=40).lower(): safe_text(one, limit=40) for one in known}
    small = typed.lower()
    begun = [one for one in spelling if small and one.startswith(small)]
    if 1 < len(begun) <= _NAMED:
        return f"which of {', '.join(spelling[one] for one in begun)}?"
    close = begun or difflib.get_close_matches(small, list(spelling), n=1)
    close += [one for one in spelling if len(one) > 2 and small.startswith(one)]
    if close:
        return f"did you mean '{spelling[close[0]]}'?"
    more = f" and {len(spelling) - _NAMED} others" if len(spelling) > _NAMED else ""
    return f"known are: {', '.join(list(spelling.values())[:_NAMED])}{more}"


def _why(error: ErrorDetails) -> str:
    """Return what is wrong with a value, in this tool's words where it has some."""
    kind, typed, bounds = error["type"], error["input"], error.get("ctx", {})
    shown = f"'{typed}'" if isinstance(typed, str) else str(typed)
    if kind in _BOUNDS:
        word, name = _BOUNDS[kind]
        return f"{shown} is {word} {bounds[name]}"
    if kind in _KINDS:
        return f"{shown} is no {_KINDS[kind]}"
    if kind == "literal_error":
        return f"{shown} is not {bounds['expected']}"
    return error["msg"].removeprefix("Value error, ")


def _shown(value: object) -> str:
    return "not set" if value is None else str(value)


def _keys(model: type[BaseModel]) -> list[str]:
    keys: list[str] = []
    for name, field in model.model_fields.items():
        inner = field.annotation
        keys += _keys(inner) if isinstance(inner, type) and issubclass(inner, BaseModel) else [name]
    return keys


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat
