import os
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from dejavu_tui.errors import RequestError, SettingsError
from dejavu_tui.listing.language import parse
from dejavu_tui.listing.places import OPENING, Listing
from dejavu_tui.listing.saved import VIEWS_FILE, find_view, load_views, remove_view, save_view

SWANS = Listing(parse('class~swan path~"a \\"b\\"" -tag:ok'), sort="gap", descending=False)


def test_views_are_kept_replaced_and_removed(tmp_path: Path) -> None:
    assert load_views(tmp_path) == {}
    assert save_view(tmp_path, name="swans", listing=SWANS) is None
    assert save_view(tmp_path, name="all-of.A_1", listing=OPENING) is None
    assert load_views(tmp_path) == {"all-of.A_1": OPENING, "swans": SWANS}
    assert find_view(tmp_path, name="swans") == SWANS
    assert save_view(tmp_path, name="swans", listing=OPENING) == SWANS
    assert remove_view(tmp_path, name="swans") == OPENING
    assert list(load_views(tmp_path)) == ["all-of.A_1"]
    assert stat.S_IMODE((tmp_path / VIEWS_FILE).stat().st_mode) == 0o600
    assert not list(tmp_path.glob("*.tmp"))


def test_a_view_written_by_hand_opens_as_the_screen_does(tmp_path: Path) -> None:
    (tmp_path / VIEWS_FILE).write_text('[views.mine]\nfilter = "KIND:memorized"\n', encoding="utf-8")
    assert load_views(tmp_path) == {"mine": OPENING}
    save_view(tmp_path, name="other", listing=SWANS)
    written = tomllib.loads((tmp_path / VIEWS_FILE).read_text(encoding="utf-8"))
    assert written["views"]["mine"] == {"filter": "kind:memorized", "sort": "conf", "descending": True}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[views", "cannot be read as TOML"),
        ("views = " + "[" * 5000 + "]" * 5000, "cannot be read as TOML"),
        ('[views.a]\nfilter = ""\nsrot = "id"', "view a: unknown setting 'srot'; did you mean 'sort'?"),
        ('[views.a]\nsort = "id"', "view a: setting 'filter'"),
        ('[views.a]\nfilter = "knd:memorized"', "unknown field 'knd'; did you mean 'kind'?"),
        ('[views.a]\nfilter = ""\nsort = "confidence"', "cannot sort by 'confidence'"),
        ('[views."../a"]\nfilter = ""', "'../a' cannot be the name of a view"),
        ('[views."a\\u001b[2J"]\nfilter = ""', r"'a\x1b[2J' cannot be the name of a view"),
        ("schema_version = 2", "schema_version"),
        ('filter = ""', "unknown setting 'filter'"),
        ("views = 3", "views"),
        ("[views]\na = 3", "views.a"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_and_never_written_over(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / VIEWS_FILE
    path.write_text(text, encoding="utf-8")
    for attempt in (
        lambda: load_views(tmp_path),
        lambda: save_view(tmp_path, name="new", listing=OPENING),
        lambda: remove_view(tmp_path, name="a"),
    ):
        with pytest.raises(SettingsError) as caught:
            attempt()
        assert said in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1
    assert path.read_text(encoding="utf-8") == text


def test_what_cannot_be_saved_or_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("", "../x", "-a", "a b", "x" * 65, "a\n"):
        with pytest.raises(RequestError, match="cannot be the name of a view"):
            save_view(tmp_path, name=name, listing=OPENING)
    with pytest.raises(RequestError, match="dejavu views --save"):
        find_view(tmp_path, name="swans")
    save_view(tmp_path, name="swans", listing=SWANS)
    with pytest.raises(RequestError, match="did you mean 'swans'"):
        remove_view(tmp_path, name="swan")
    monkeypatch.setattr(os, "access", lambda path, mode: not (path == tmp_path and mode == os.W_OK))
    with pytest.raises(RequestError, match=r"cannot be written, so neither can views\.toml"):
        save_view(tmp_path, name="more", listing=SWANS)
    assert find_view(tmp_path, name="swans") == SWANS


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("elsewhere.toml", path)])
def test_what_is_no_plain_file_is_neither_read_nor_replaced(tmp_path: Path, make: Callable[[Path], None]) -> None:
    (tmp_path / "elsewhere.toml").write_text('[views.mine]\nfilter = "swan"\n', encoding="utf-8")
    make(tmp_path / VIEWS_FILE)
    kind = stat.S_IFMT((tmp_path / VIEWS_FILE).lstat().st_mode)
    for attempt in (load_views, lambda root: save_view(root, name="other", listing=SWANS)):
        with pytest.raises(SettingsError, match="no plain file; move it away"):
            attempt(tmp_path)
    assert stat.S_IFMT((tmp_path / VIEWS_FILE).lstat().st_mode) == kind
