"""Where the screens start: as typed, else where the user left off; what is not there any more is said."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dejavu_cli.browse import build
from dejavu_cli.startup import Start, Typed, begin, preferences
from dejavu_tui.app.state import Look, Place, look_file, place_file, save
from dejavu_tui.errors import RequestError
from dejavu_tui.listing.language import Filter, parse
from dejavu_tui.listing.places import OPENING
from dejavu_tui.records import never, silent
from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit

LEFT: Mapping[str, Any] = {
    "screen": "wall", "run": "planted", "epoch": 10, "layer": "projector", "filter": "kind:correlated",
    "sort": "gap", "descending": False, "image_id": 2, "kept": {"browse.zoom": "table"},
}  # fmt: skip


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return tmp_path


def started(audit: Audit, **typed: Any) -> Start:
    return begin(audit, Typed(**typed), progress=silent, stop=never)


def left(audit: Audit, **changed: Any) -> None:
    assert save(Place(**{**LEFT, **changed}), place_file(audit.root))


def test_the_first_start_is_on_the_memorized_images_of_the_last_snapshot(audit: Audit) -> None:
    start = started(audit)
    assert (start.view.epoch, start.listing, start.screen, start.image_id) == (20, OPENING, "browse", None)
    assert not start.notices


def test_it_goes_on_where_it_was_left_but_for_what_is_typed(audit: Audit) -> None:
    left(audit)
    start = started(audit)
    assert (start.view.epoch, str(start.listing.filter), start.listing.sort) == (10, "kind:correlated", "gap")
    assert (start.screen, start.image_id, start.kept) == ("wall", 2, {"browse.zoom": "table"})
    assert started(audit, epoch=20).view.epoch == 20
    assert started(audit, screen="map").screen == "map"
    asked = started(audit, filter="kind:memorized")
    assert (str(asked.listing.filter), asked.image_id, asked.screen) == ("kind:memorized", None, "wall")
    fresh = started(audit, fresh=True)
    assert (fresh.view.epoch, fresh.listing, fresh.screen) == (20, OPENING, "browse")


@pytest.mark.parametrize(
    ("gone", "says"),
    [({"run": "former"}, "snapshot"), ({"epoch": 15}, "snapshot"), ({"filter": "class:zebra"}, "zebra")],
)
def test_what_is_not_there_any_more_is_said_and_left_out(audit: Audit, gone: dict[str, Any], says: str) -> None:
    left(audit, **gone)
    start = started(audit)
    assert len(start.notices) == 1
    assert says in start.notices[0]


def test_a_former_screen_and_a_former_image_are_left_out(audit: Audit) -> None:
    left(audit, screen="gallery", image_id=99999)
    start = started(audit)
    assert (start.screen, start.image_id) == ("browse", None)


def test_a_damaged_file_is_said_and_left_out(audit: Audit) -> None:
    left(audit)
    path = place_file(audit.root)
    assert path is not None
    path.write_text("screen = 3")
    start = started(audit)
    assert start.listing == OPENING
    assert "left off is not known" in start.notices[0]


def test_ids_are_listed_and_those_that_cannot_be_are_counted(audit: Audit) -> None:
    ids = audit.attacked().filter(audit.attacked()["part"] == "B")["image_id"].head(3).to_list()
    public = audit.members("X")["image_id"][0]
    start = started(audit, ids=[*ids, public])
    assert str(start.listing.filter) == f"id:{','.join(map(str, [*ids, public]))}"
    order = "The images piped in are sorted by conf; s sorts by something else."
    assert start.notices == ["1 of 4 images are not attacked images of A or B.", order]
    assert started(audit, ids=ids).notices == [order]
    assert not started(audit, ids=ids[:1]).notices


@pytest.mark.parametrize("typed", [{"pick": True}, {"ids": [1, 2]}])
def test_images_are_picked_where_they_are_listed(audit: Audit, typed: dict[str, Any]) -> None:
    left(audit, screen="overview")
    assert started(audit, **typed).screen == "browse"
    assert started(audit, **typed, screen="map").screen == "map"


@pytest.mark.parametrize("typed", [{"filter": "kind:memorized conf>-9"}, {"ids": [1, 2]}])
def test_what_was_typed_or_piped_in_for_once_is_not_where_one_left_off(audit: Audit, typed: dict[str, Any]) -> None:
    left(audit)
    start = started(audit, **typed)
    former = Place(**LEFT).listing
    narrowed = replace(start.listing, filter=Filter((*start.listing.filter.terms, *parse("class:a").terms)))
    assert start.lasting(start.listing) == start.lasting(narrowed) == former
    other = replace(start.listing, filter=parse("kind:unassociated"))
    assert start.lasting(other) == other
    assert started(audit, **typed, fresh=True).lasting(start.listing) == OPENING


def test_what_was_listed_without_a_word_is_where_one_left_off(audit: Audit) -> None:
    left(audit)
    other = replace(OPENING, filter=parse("kind:unassociated"))
    assert started(audit).lasting(other) == other


@pytest.mark.parametrize(
    ("typed", "says"),
    [({"screen": "brwse"}, "browse"), ({"run": "plantd"}, "planted"), ({"filter": "knd:x"}, "kind"),
     ({"view": "mine"}, "mine"), ({"layer": "none"}, "projector"), ({"filter": "class:zebra"}, "zebra")],
)  # fmt: skip
def test_what_is_typed_must_be_there(audit: Audit, typed: dict[str, Any], says: str) -> None:
    with pytest.raises(RequestError) as caught:
        started(audit, **typed)
    assert says in str(caught.value)


def test_preferences_are_read_and_a_damaged_file_of_colours_is_said() -> None:
    notices: list[str] = []
    assert save(Look(theme="nord"), look_file())
    assert preferences(clipboard=False, notices=notices).theme == "nord"
    path = look_file()
    assert path is not None
    path.write_text("theme = 3")
    assert preferences(clipboard=True, notices=notices).theme is None
    assert len(notices) == 1


def test_keys_prints_a_table_for_machines_and_where_they_are_changed(home: Path) -> None:
    done = CliRunner().invoke(build(), ["keys", "--format", "csv"])
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "id,keys,screens,meaning"
    assert "leave,q,all,Leave" in lines
    assert str(home / "XDG_CONFIG_HOME" / "dejavu" / "keys.toml") in done.stderr
