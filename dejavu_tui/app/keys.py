"""The keys as the user likes them: `keys.toml` gives the keys of an action by its id."""

import string
import tomllib
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import TypeGuard

import platformdirs
from textual.binding import Binding
from textual.keys import Keys
from textual.keys import _character_to_key as key_name  # the only way to the names that Textual gives keys
from textual.screen import Screen
from textual.widget import Widget

from dejavu_tui.app.actions import actions_of, keys_of, on_keyboard
from dejavu_tui.app.application import DejavuApp
from dejavu_tui.app.registry import tab_screens
from dejavu_tui.config import nearest
from dejavu_tui.errors import RequestError
from dejavu_tui.text import safe_text

_EVERY = "all"
_MODIFIERS = ("ctrl", "shift", "alt", "super", "meta")
_FIXED = {"up", "down", "left", "right", "enter", "escape", "tab", "pageup", "pagedown", "home", "end", "ctrl+c"}
"""Keys that move and answer wherever one is: they cannot be given to anything else."""
_NAMED = {key.value for key in Keys} | {f"f{number}" for number in range(1, 25)}
_CHARACTERS = {key_name(ch) for ch in string.punctuation}
_LIST = "`dejavu-tui keys` lists ids and keys"


def keys_file() -> Path:
    """Return where the file of keys is, whether it is there or not."""
    return platformdirs.user_config_path("dejavu") / "keys.toml"


def load_keys(path: Path) -> dict[str, str]:
    """Return the keys that the file at `path` gives, by id of the action, as Textual has them; {} without a file.

    A value is a key or a list of keys, such as "S", "ctrl+k", ["p", ","].

    Raises RequestError: no TOML; an unknown id or key; a key that another action of the same screen has.
    """
    if not path.is_file():
        return {}
    try:
        typed = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        what = f"cannot be read as TOML ({safe_text(str(error), limit=160)})"
        raise RequestError(what, where=path, fix="mend it, or move it away") from None
    known = {one.id for one, _ in _all() if one.id}
    keymap = {}
    for name, value in typed.items():
        if name not in known:
            what = f"no action '{safe_text(name, limit=40)}'"
            raise RequestError(what, where=path, fix=nearest(name, sorted(known)))
        keymap[name] = ",".join(_keys(name, value, path))
    _check(keymap, path)
    return keymap


def table(keymap: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
    """Return id, keys, screens and meaning of every action, those of all screens last."""
    every = len(tab_screens())
    return [
        (
            one.id or "",
            " ".join(on_keyboard(key) for key in keys_of(one, keymap)),
            _EVERY if len(names) == every else " ".join(names),
            one.tooltip,
        )
        for one, names in _all()
    ]


def _all() -> Iterator[tuple[Binding, tuple[str, ...]]]:
    """Yield every action with the screens that have it: first those of single screens, last those of all."""
    places: dict[str, tuple[Binding, list[str]]] = {}
    for screen in tab_screens():
        parts = [kind for kind in vars(import_module(screen.__module__)).values() if _is_widget(kind)]
        for kind in (screen, *parts):
            for one in actions_of(kind):
                names = places.setdefault(one.id or one.key, (one, []))[1]
                names += [screen.NAME] if screen.NAME not in names else []
    every = tuple(screen.NAME for screen in tab_screens())
    for one in actions_of(DejavuApp):
        places[one.id or one.key] = one, list(every)
    for one, names in sorted(places.values(), key=lambda found: len(found[1])):
        yield one, tuple(names)


def _is_widget(kind: object) -> TypeGuard[type[Widget]]:
    return isinstance(kind, type) and issubclass(kind, Widget) and not issubclass(kind, Screen)


def _keys(name: str, value: object, path: Path) -> list[str]:
    """Return the names of the keys that `value` gives to the action `name`."""
    names = []
    for key in value if isinstance(value, list) else [value]:
        if not isinstance(key, str) or not _is_key(key):
            what = f"'{safe_text(str(key), limit=40)}' for '{name}' is no key"
            raise RequestError(what, where=path, fix='write a key such as "S", "f5", "ctrl+k", or a list of keys')
        names.append(key_name(key) if len(key) == 1 else key)
    if not names:
        raise RequestError(f"no key for '{name}'", where=path, fix=_LIST)
    return names


def _is_key(key: str) -> bool:
    if len(key) == 1:
        return key.isprintable() and key != " "
    *modifiers, last = key.split("+")
    if not set(modifiers) <= set(_MODIFIERS):
        return False
    return last in _NAMED or (len(last) == 1 and last.isalnum()) or last in _CHARACTERS


def _check(keymap: Mapping[str, str], path: Path) -> None:
    """Raise RequestError if a changed key is also another action's on a screen, or one that moves."""
    for screen in tab_screens():
        taken: dict[str, str] = {}
        for one, names in _all():
            if screen.NAME not in names:
                continue
            name = one.id or one.key
            for key in keys_of(one, keymap):
                other = taken.setdefault(key, name)
                if other != name and (other in keymap or name in keymap):
                    what = f"'{key}' is a key of '{other}' and of '{name}' on {screen.NAME}"
                    raise RequestError(what, where=path, fix=f"give one of them another; {_LIST}")
                if name in keymap and key in _FIXED and key not in keys_of(one, {}):
                    raise RequestError(f"'{key}' for '{name}' moves or answers", where=path, fix="take another key")
