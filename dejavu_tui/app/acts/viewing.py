"""Saved views on the screens: shown, saved and removed; the file is read and written in threads."""

from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.content import Content

from dejavu_tui.app.desk import Desk
from dejavu_tui.app.dialogs.prompts import Ask, Choose
from dejavu_tui.app.dialogs.views import Views, Wish
from dejavu_tui.app.errands import Errands
from dejavu_tui.errors import FilterError, RequestError
from dejavu_tui.listing.places import Listing
from dejavu_tui.listing.saved import checked_name, load_views, remove_view, save_view


class Viewer:
    """`ask` lists a view; `say` tells what was done or what went wrong."""

    def __init__(
        self, desk: Desk, errands: Errands, *, ask: Callable[[Listing], None], say: Callable[[str, bool], None]
    ) -> None:
        self._desk = desk
        self._errands = errands
        self._ask = ask
        self._say = say

    def choose(self, app: App[Any]) -> None:
        """Read the views and let one be chosen."""
        root = self._desk.audit.root
        self._do(lambda: load_views(root), then=lambda views: self._offer(app, views))

    def _offer(self, app: App[Any], views: dict[str, Listing]) -> None:
        def wished(wish: Wish | None) -> None:
            if wish is None:
                return
            if wish.what == "show":
                self._show(wish.name, views[wish.name])
            elif wish.what == "save":
                self._name(app, views)
            else:
                self._ask_again(app, wish.name)

        app.push_screen(Views(views), wished)

    def _show(self, name: str, listing: Listing) -> None:
        try:
            self._ask(listing)
        except FilterError as error:
            self._say(f"View {name}: {error.what}; {error.fix}", True)

    def _name(self, app: App[Any], views: dict[str, Listing]) -> None:
        def named(typed: str | None) -> None:
            if typed is not None:
                self._save(typed.strip(), self._desk.listing)

        def refuse(typed: str) -> str | None:
            try:
                checked_name(typed.strip())
            except RequestError as error:
                return f"{error.what}; {error.fix}" if typed.strip() else "Type a name."
            return None

        app.push_screen(Ask("Save this listing as what?", known=tuple(views), refuse=refuse), named)

    def _save(self, name: str, listing: Listing) -> None:
        root = self._desk.audit.root

        def saved(before: Listing | None) -> None:
            was = f" It was: {before.filter or 'all'}." if before is not None and before != listing else ""
            self._say(f"View {name} saved; --view {name} lists it in the commands too.{was}", False)

        self._do(lambda: save_view(root, name=name, listing=listing), then=saved)

    def _ask_again(self, app: App[Any], name: str) -> None:
        def chosen(place: int | None) -> None:
            if place == 1:
                self._remove(name)

        app.push_screen(Choose(f"Remove view {name}?", [Content("keep it"), Content("remove it")]), chosen)

    def _remove(self, name: str) -> None:
        root = self._desk.audit.root

        def removed(before: Listing) -> None:
            self._say(f"View {name} removed. It was: {before.filter or 'all'}.", False)

        self._do(lambda: remove_view(root, name=name), then=removed)

    def _do(self, work: Callable[[], Any], *, then: Callable[[Any], None]) -> None:
        self._errands.start(
            "views", lambda _progress, _stop: work(), then=then, fail=lambda why: self._say(why, True)
        )
