import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.config import AuditSettings, AugmentSettings, RunSettings, nearest
from dejavu_tui.errors import SettingsError

RUN: dict[str, Any] = {"method": "simclr", "epochs": 100, "snapshots": (10, 100)}


def test_settings_survive_their_file(tmp_path: Path) -> None:
    settings = RunSettings(**RUN, augment=AugmentSettings(scale_max=0.4), options={"temperature": 0.15})
    path = tmp_path / "settings.toml"
    path.write_text(settings.to_toml(), encoding="utf-8")
    assert RunSettings.load(path) == settings
    assert settings.differences(RunSettings.load(path)) == []


@given(st.integers(0, 2**31), st.sampled_from(["largest", "stripes", "corner"]), st.none() | st.integers(1, 500))
def test_audit_settings_survive_toml(seed: int, crop: Any, per_class: int | None) -> None:
    settings = AuditSettings(source="photos", crop=crop, seed=seed, per_class=per_class)
    assert AuditSettings.parse(tomllib.loads(settings.to_toml()), where="test") == settings


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (RUN | {"ephocs": 3}, ["unknown setting 'ephocs'", "did you mean 'epochs'?"]),
        (RUN | {"augment": {"scale_mx": 0.5}}, ["augment.scale_mx", "scale_max"]),
        (RUN | {"epochs": "many"}, ["setting 'epochs'"]),
        (RUN | {"lr": float("nan")}, ["setting 'lr'"]),
        (RUN | {"std": (0.2, 0.0, 0.2)}, ["setting 'std.1'"]),
        (RUN | {"projector": "1000000-8"}, ["setting 'projector'"]),
        (RUN | {"projector": "-".join(17 * ["8"])}, ["setting 'projector'"]),
        (RUN | {"snapshots": (10, 50)}, ["settings.toml: the last snapshot must be the last epoch"]),
        (RUN | {"snapshots": (100, 10, 100)}, ["snapshots must rise"]),
        (RUN | {"augment": {"scale_min": 0.9, "scale_max": 0.5}}, ["scale_min is larger"]),
        ({"method": "simclr"}, ["Field required"]),
        (RUN | {"\x1b]0;x\x07": 1}, ["unknown setting", "\\x1b"]),
    ],
)
def test_wrong_settings_are_refused_in_one_line(values: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        RunSettings.parse(values, where="settings.toml")
    message = str(caught.value)
    assert message.startswith("settings.toml: ")
    assert "\n" not in message
    assert "\x1b" not in message
    for word in words:
        assert word in message


@pytest.mark.parametrize("content", [b"", b"not toml", b"\xff\xfe", b"method = [1", None])
def test_damaged_files_are_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "settings.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"settings\.toml"):
        RunSettings.load(path)


def test_differences_name_nested_keys() -> None:
    one = RunSettings(**RUN)
    other = RunSettings(**RUN | {"lr": 0.1}, augment=AugmentSettings(flip=0.0))
    assert one.differences(other) == ["augment.flip: 0.5 here, 0.0 asked", "lr: 0.002 here, 0.1 asked"]


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        RunSettings(**RUN).epochs = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("typed", "known", "told"),
    [
        ("temp", ["stem", "temperature"], "did you mean 'temperature'?"),
        ("small", ["small-a", "paper-a", "small-b"], "which of small-a, small-b?"),
        ("Simclr", ["simclr", "moco"], "did you mean 'simclr'?"),
        ("simclr-v2", ["simclr", "moco"], "did you mean 'simclr'?"),
        ("resnet-50", ["resnet18", "resnet50"], "did you mean 'resnet50'?"),
        ("", ["a", "b"], "known are: a, b"),
        ("zz", ["a", "b"], "known are: a, b"),
    ],
)
def test_the_name_that_is_meant(typed: str, known: list[str], told: str) -> None:
    assert nearest(typed, known) == told
