"""Where the user left off: kept privately, found again, and of no harm where it is damaged."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from dejavu_tui.app.state import Look, Place, load, look_file, place_file, place_of, save
from dejavu_tui.errors import SettingsError
from dejavu_tui.listing.language import parse
from dejavu_tui.listing.places import Listing
from dejavu_tui.workflows.browse import BrowseView
from tests.app.fakes import app_on


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def test_what_is_kept_is_found_again_for_this_audit_alone(view: BrowseView, tmp_path: Path) -> None:
    desk = app_on(view, mode="none").desk
    desk.ask(Listing(parse('kind:correlated path~"a b"'), sort="gap", descending=False))
    desk.image_id, desk.kept["browse.zoom"] = 7, "table"
    kept = place_of(desk, desk.listing, screen="wall")
    path = place_file(tmp_path / "audit")
    assert save(kept, path)
    found = load(Place, path)
    assert found == kept
    assert found.listing == desk.listing
    assert load(Place, place_file(tmp_path / "other")) is None


def test_the_last_snapshot_is_kept_as_the_last_an_earlier_one_as_itself(view: BrowseView) -> None:
    desk = app_on(view, mode="none").desk
    assert place_of(desk, desk.listing, screen="browse").epoch is None
    desk.view = replace(view, epoch=view.epochs[0])
    assert place_of(desk, desk.listing, screen="browse").epoch == view.epochs[0]


def test_files_are_private(home: Path) -> None:
    path = look_file()
    assert path is not None
    save(Look(theme="nord"), path)
    assert path.is_relative_to(home)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert load(Look, path) == Look(theme="nord")


@pytest.mark.parametrize("held", ["theme = [", 'theme = "x"\nmore = 1\n', 'schema_version = 2\ntheme = "x"\n', ""])
def test_a_damaged_file_is_named(held: str) -> None:
    path = look_file()
    assert path is not None
    path.parent.mkdir(parents=True)
    path.write_text(held)
    with pytest.raises(SettingsError) as caught:
        load(Look, path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("field", ['filter = "kind:memorised"', 'sort = "size"'])
def test_a_filter_or_an_order_that_there_is_not_is_damage(field: str, tmp_path: Path) -> None:
    lines = {"filter": 'filter = ""', "sort": 'sort = "id"', field.split()[0]: field}
    path = tmp_path / "place.toml"
    path.write_text(
        "\n".join(('screen = "browse"', 'run = "r"', 'layer = "l"', "descending = true", *lines.values()))
    )
    with pytest.raises(SettingsError):
        load(Place, path)


def test_a_home_that_cannot_be_written_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null/state")
    assert not save(Look(theme="nord"), look_file())
    assert load(Look, look_file()) is None
    assert not save(Look(theme="nord"), None)
