"""Every action that has a key: for the help, the palette and the file of keys."""

from collections.abc import Iterator, Mapping

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import format_key
from textual.screen import Screen

_HERE = "dejavu_tui."


def actions_of(kind: type[DOMNode]) -> tuple[Binding, ...]:
    """Return the bindings of a class and its bases in this package; of one id only the nearest."""
    found: dict[str, Binding] = {}
    for base in kind.mro():
        if base.__module__.startswith(_HERE):
            for binding in vars(base).get("BINDINGS", ()):
                if isinstance(binding, Binding):
                    found.setdefault(binding.id or binding.key, binding)
    return tuple(found.values())


def actions_here(app: App[tuple[int, ...]], screen: Screen[object]) -> Iterator[tuple[DOMNode, Binding]]:
    """Yield what can be done on `screen` now, each with the place whose action it calls, the nearest first."""
    focused = screen.focused
    places = list(focused.ancestors_with_self) if focused is not None else [screen]
    seen: set[str] = set()
    for place in (*(place for place in places if place is not app), app):
        if isinstance(place, DOMNode):
            for binding in actions_of(type(place)):
                if (binding.id or binding.key) not in seen:
                    seen.add(binding.id or binding.key)
                    yield place, binding


def keys_of(binding: Binding, keymap: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys of an action by their names, as the user may have changed them."""
    return tuple(key.strip() for key in keymap.get(binding.id or "", binding.key).split(","))


def shown(binding: Binding, keymap: Mapping[str, str]) -> str:
    """Return the keys of an action as they stand on a keyboard: all of them, and no other action's."""
    return " ".join(on_keyboard(key) for key in keys_of(binding, keymap))


def on_keyboard(key: str) -> str:
    """Return a key, by its name, as it stands on a keyboard: `?` for `question_mark`."""
    *modifiers, last = key.split("+")
    return "+".join([*modifiers, format_key(last)])
