"""Views: listings with a name, kept in `views.toml` at the root of an audit. The rule is kept, not the images."""

import os
import re
from pathlib import Path
from typing import Any, Literal

import tomli_w
from pydantic import Field, field_validator

from dejavu_tui.artefacts import write_atomically
from dejavu_tui.config import NAME_PATTERN, Settings, nearest
from dejavu_tui.errors import FilterError, RequestError, SettingsError
from dejavu_tui.listing.fields import SORTS
from dejavu_tui.listing.language import parse
from dejavu_tui.listing.places import OPENING, Listing
from dejavu_tui.listing.writing import held
from dejavu_tui.text import safe_text

VIEWS_FILE = "views.toml"


class SavedView(Settings):
    """One view as it is written; what is left out is as in the opening listing."""

    filter: str
    sort: str = OPENING.sort
    descending: bool = OPENING.descending

    @field_validator("filter")
    @classmethod
    def _readable(cls, typed: str) -> str:
        try:
            return str(parse(typed))
        except FilterError as error:
            raise ValueError(f"{error.what}; {error.fix}") from None

    @field_validator("sort")
    @classmethod
    def _sortable(cls, typed: str) -> str:
        if typed not in SORTS:
            raise ValueError(f"cannot sort by '{typed}'; {nearest(typed, SORTS)}")
        return typed

    @property
    def listing(self) -> Listing:
        """The listing that is meant."""
        return Listing(parse(self.filter), sort=self.sort, descending=self.descending)


class _File(Settings):
    schema_version: Literal[1] = 1
    views: dict[str, dict[str, Any]] = Field(default_factory=dict)


def load_views(audit_root: Path) -> dict[str, Listing]:
    """Return the views of an audit by name, in order of their names; none if there is no file.

    Raises SettingsError: `views.toml` is no plain TOML file, or has an unknown key or a filter that cannot be read.
    """
    path = audit_root / VIEWS_FILE
    if not os.path.lexists(path):
        return {}
    if path.is_symlink() or not path.is_file():  # a pipe would be waited for
        raise SettingsError("is no plain file", where=path, fix="move it away")
    kept = _File.load(path).views
    for name in kept:
        _checked(name, error=SettingsError, where=path)
    return {name: SavedView.parse(kept[name], where=f"{path}, view {name}").listing for name in sorted(kept)}


def find_view(audit_root: Path, *, name: str) -> Listing:
    """Return the view of that name. Raises RequestError: there is none; SettingsError as `load_views`."""
    views = load_views(audit_root)
    if name not in views:
        fix = nearest(name, views) if views else "save one with `dejavu views --save NAME --filter EXPR`"
        raise RequestError(f"no view '{safe_text(name, limit=64)}'", where=audit_root, fix=fix)
    return views[name]


def checked_name(name: str) -> str:
    """Return `name` if a view can be called so. Raises RequestError."""
    return _checked(name, error=RequestError, where=None)


def save_view(audit_root: Path, *, name: str, listing: Listing) -> Listing | None:
    """Keep `listing` under `name`, and return the view that had this name before, if there was one.

    Raises RequestError: no such name can be given, or the audit cannot be written; BusyError; SettingsError.
    """
    checked_name(name)
    with held(audit_root / VIEWS_FILE):
        views = load_views(audit_root)
        before = views.get(name)
        _write(audit_root, {**views, name: listing})
    return before


def remove_view(audit_root: Path, *, name: str) -> Listing:
    """Take the view of that name away, and return it. Raises RequestError: there is none; else as `save_view`."""
    with held(audit_root / VIEWS_FILE):
        views = load_views(audit_root)
        before = find_view(audit_root, name=name)
        _write(audit_root, {other: listing for other, listing in views.items() if other != name})
    return before


def _write(audit_root: Path, views: dict[str, Listing]) -> None:
    kept = {
        name: {"filter": str(one.filter), "sort": one.sort, "descending": one.descending}
        for name, one in sorted(views.items())
    }
    text = tomli_w.dumps({"schema_version": 1, "views": kept})
    write_atomically(audit_root / VIEWS_FILE, text.encode())


def _checked(name: str, *, error: type[RequestError] | type[SettingsError], where: Path | None) -> str:
    if not re.fullmatch(NAME_PATTERN, name):
        shown = safe_text(name, limit=64)
        fix = "take 1 to 64 letters, digits, . _ - that begin with a letter or digit"
        raise error(f"'{shown}' cannot be the name of a view", where=where, fix=fix)
    return name
