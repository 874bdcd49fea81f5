"""Reading what is written on a screen and what the user is told."""

from typing import Any

from textual.app import App
from textual.screen import Screen
from textual.widgets import Static


def lines(screen: Screen[Any]) -> list[str]:
    """The rows of the window, as they are drawn."""
    return [strip.text for strip in screen._compositor.render_strips()]


def words(screen: Screen[Any]) -> str:
    """All that is drawn, row below row."""
    return "\n".join(lines(screen))


def text(screen: Screen[Any], selector: str) -> str:
    """What the one widget that `selector` finds has to show, be it in sight or not."""
    return str(screen.query_one(selector, Static).content)


def notices(app: App[Any]) -> list[str]:
    """What the user is told, or will be at the next key."""
    return [str(notice.message) for notice in app._notifications]
