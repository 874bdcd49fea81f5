"""`docs/settings.md` lists what `--set` takes, with the defaults."""

import re
from pathlib import Path

import pytest

from dejavu_tui.config import AugmentSettings, RunSettings

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
ROWS = {
    tuple(re.findall(r"`([a-z_]+)`", keys)): [word.strip("` ") for word in default.split(", ")]
    for keys, default in re.findall(r"^\| (`[a-z_`, ]+`) \| ([^|]+) \|", PAGE, flags=re.MULTILINE)
}
OWN_OPTION = {"schema_version", "method", "arch", "epochs", "snapshots", "train_size", "augment", "options"}


def values(default: object) -> list[object]:
    """Return what the page says of a default: the same for several colours or views, once."""
    return list(dict.fromkeys(default)) if isinstance(default, tuple) else [default]


def test_every_setting_is_listed_once() -> None:
    listed = [key for keys in ROWS for key in keys]
    assert sorted(listed) == sorted({*RunSettings.model_fields, *AugmentSettings.model_fields} - OWN_OPTION)


@pytest.mark.parametrize("keys", list(ROWS), ids=str)
def test_defaults_are_those_of_the_settings(keys: tuple[str, ...]) -> None:
    fields = RunSettings.model_fields | AugmentSettings.model_fields
    defaults = [value for key in keys for value in values(fields[key].default)]
    told: list[object] = ["none" if value is None else value for value in defaults]
    assert [
        word if isinstance(value, str) else float(word) for word, value in zip(ROWS[keys], told, strict=True)
    ] == told
