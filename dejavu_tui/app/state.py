"""Where the user left off, audit by audit, and the colours chosen; kept outside the audit, readable by the user."""

import hashlib
from pathlib import Path
from typing import Literal, TypeVar

import platformdirs
from pydantic import Field, field_validator

from dejavu_tui.app.desk import Desk
from dejavu_tui.artefacts import write_atomically
from dejavu_tui.config import Settings
from dejavu_tui.errors import FilterError
from dejavu_tui.listing.fields import SORTS
from dejavu_tui.listing.language import parse
from dejavu_tui.listing.places import Listing

Kept = TypeVar("Kept", bound=Settings)


class Look(Settings):
    """How the screens look, in all audits."""

    schema_version: Literal[1] = 1
    theme: str = Field(max_length=64)


class Place(Settings):
    """Where the user was in one audit."""

    schema_version: Literal[1] = 1
    screen: str
    run: str
    epoch: int | None = None
    """None: the last there was; there may be later ones by now."""
    layer: str
    filter: str
    sort: str
    descending: bool
    image_id: int | None = None
    kept: dict[str, str] = Field(default_factory=dict)

    @field_validator("filter")
    @classmethod
    def _readable(cls, typed: str) -> str:
        try:
            return str(parse(typed))
        except FilterError as error:
            raise ValueError(error.what) from None

    @field_validator("sort")
    @classmethod
    def _sortable(cls, typed: str) -> str:
        if typed not in SORTS:
            raise ValueError("no such field")
        return typed

    @property
    def listing(self) -> Listing:
        """What was listed."""
        return Listing(parse(self.filter), sort=self.sort, descending=self.descending)


def place_of(desk: Desk, listing: Listing, *, screen: str) -> Place:
    """Return where the user is now; `listing` is what the next start is to list."""
    view = desk.view
    return Place(
        screen=screen,
        run=view.run,
        epoch=None if view.epoch == view.epochs[-1] else view.epoch,
        layer=view.layer,
        filter=str(listing.filter),
        sort=listing.sort,
        descending=listing.descending,
        image_id=desk.image_id,
        kept=desk.kept,
    )


def place_file(audit_root: Path) -> Path | None:
    """Return the file for one audit; None: there is no home folder."""
    name = hashlib.sha256(str(audit_root.resolve()).encode(errors="surrogateescape")).hexdigest()[:16]
    return _file(f"{name}.toml")


def look_file() -> Path | None:
    """Return the file of what is the same in all audits; None: there is no home folder."""
    return _file("look.toml")


def load(kind: type[Kept], path: Path | None) -> Kept | None:
    """Return what was kept, or None if nothing was. Raises SettingsError: the file is damaged."""
    if path is None or not path.is_file():
        return None
    return kind.load(path)


def save(kept: Settings, path: Path | None) -> bool:
    """Keep `kept` for the next start, and tell whether it could be kept: a home may be missing or read-only."""
    if path is None:
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(path, kept.to_toml().encode())
    except OSError:
        return False
    return True


def _file(name: str) -> Path | None:
    folder = platformdirs.user_state_path("dejavu") / "screens"
    return folder / name if folder.is_absolute() else None
