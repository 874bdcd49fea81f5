"""The settings of a split: what is typed, else what the image folder says, else the defaults."""

import tomllib
from pathlib import Path
from typing import Any

from dejavu_tui.config import AuditSettings
from dejavu_tui.errors import RequestError, SettingsError
from dejavu_tui.images.layouts import recognise
from dejavu_tui.text import safe_text

DEFAULTS_FILE = "split.toml"


def settings_for(source: Path, **typed: Any) -> AuditSettings:
    """Return the settings of a split of `source`: what was `typed` (None: was not), else `<source>/split.toml`,
    else the defaults; the layout is recognised.

    Raises RequestError: a typed value out of range. SettingsError: see `split_defaults`.
    """
    given = {key: value for key, value in typed.items() if value is not None}
    try:
        AuditSettings.parse({**given, "source": str(source)}, where="")
    except SettingsError as error:
        raise RequestError(error.what, fix=error.fix) from None
    settings = AuditSettings.parse({**split_defaults(source), **given, "source": str(source)}, where=source)
    if "layout" in settings.model_fields_set:
        return settings
    annotations = None if settings.annotations is None else Path(settings.annotations)
    return settings.model_copy(update={"layout": recognise(source, annotations=annotations)})


def placed(images: Path, annotations: Path | None) -> tuple[Path, Path | None]:
    """Return the folder of images and what annotates them, of what was typed; a file that is typed for `images`
    names those of its own folder.

    Raises RequestError: two such files.
    """
    if not images.is_file():
        return images, annotations
    if annotations is not None:
        raise RequestError(
            "is a file that names images, and so is --annotations",
            where=safe_text(str(images)),
            fix="leave one of them out",
        )
    return images.parent, images


def split_defaults(source: Path) -> dict[str, Any]:
    """Return what `<source>/split.toml` sets, {} without that file; a relative `annotations` starts at `source`.

    Raises SettingsError: not TOML, an unknown key, a value out of range.
    """
    path = source / DEFAULTS_FILE
    if not path.is_file():
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        text = safe_text(str(error), limit=160)
        raise SettingsError(f"cannot be read as TOML ({text})", where=path, fix="correct or remove it") from None
    if "source" in values:
        raise SettingsError("unknown setting 'source'", where=path, fix="remove it: the source is its own folder")
    AuditSettings.parse({**values, "source": "."}, where=path)
    if "annotations" in values:
        values["annotations"] = str(source / values["annotations"])
    return values
