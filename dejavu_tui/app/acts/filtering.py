"""What every screen that lists images can do: filter, sort."""

from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget

from dejavu_tui.app.acts.jumping import JumpingScreen
from dejavu_tui.app.acts.viewing import Viewer
from dejavu_tui.app.dialogs.prompts import Choose, Find
from dejavu_tui.app.widgets.filterline import FilterLine
from dejavu_tui.app.widgets.kinds import KindBar
from dejavu_tui.app.words import lines
from dejavu_tui.listing.fields import FIELDS, SORTS
from dejavu_tui.listing.language import Filter
from dejavu_tui.listing.places import of_field, places, replaced


class FilteringScreen(JumpingScreen):
    """A screen with a FilterLine, and a KindBar if it has room for one; `home` gets the keyboard back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "slash",
            "filter",
            "Filter",
            key_display="/",
            id="filter",
            tooltip="Type a filter: kind:memorized conf>-1.2",
        ),
        Binding("c", "class", "Class", id="class", tooltip="Show one class"),
        Binding("s", "sort", "Sort", id="sort", tooltip="Sort by another field"),
        Binding("1", "kind('memorized')", "Memorized", show=False, id="memorized", tooltip="Only memorized images"),
        Binding(
            "2", "kind('correlated')", "Correlated", show=False, id="correlated", tooltip="Only correlated images"
        ),
        Binding(
            "3",
            "kind('misrepresented')",
            "Misrepresented",
            show=False,
            id="misrepresented",
            tooltip="Only misrepresented images",
        ),
        Binding(
            "4",
            "kind('unassociated')",
            "Unassociated",
            show=False,
            id="unassociated",
            tooltip="Only unassociated images",
        ),
        Binding("a,0", "kind('')", "All", show=False, key_display="a", id="all", tooltip="All kinds; 0 too"),
        Binding(
            "e",
            "control",
            "Control",
            show=False,
            id="control",
            tooltip="The control images of E; again: of A and B",
        ),
        Binding("r", "reverse", "Reverse", show=False, id="reverse", tooltip="Reverse the order"),
        Binding("V", "views", "Views", show=False, id="views", tooltip="Saved views: show, save, remove"),
        Binding(
            "escape",
            "back",
            "Back",
            show=False,
            key_display="esc",
            id="back",
            tooltip="Take the last term of the filter away, but for the kind",
        ),
    ]

    @property
    def home(self) -> Widget:
        """The widget that has the keyboard."""
        raise NotImplementedError

    def count(self) -> Content:
        """How many are listed; stands beside the filter."""
        return lines.count(self.desk)

    def tell(self) -> None:
        """Write the lines above what is listed."""
        super().tell()
        desk = self.desk
        self.query_one(FilterLine).show(desk.listing.filter, self.count())
        for bar in self.query(KindBar):
            bar.show(desk.kinds, of_field(desk.listing.filter, "kind"), width=self.size.width)

    def nothing(self) -> Content:
        """Why nothing is listed, and the keys that help."""
        return lines.nothing(self.desk, typing=self.query_one(FilterLine).editing)

    def take(self, typed: Filter) -> None:
        """List what was typed. Raises FilterError."""
        self.ask(replace(self.desk.listing, filter=typed))

    def on_filter_line_closed(self) -> None:
        """The keyboard goes back to what is listed; other keys help by now where that is nothing."""
        self.home.focus()
        if not len(self.desk.listed):
            self.changed()

    def action_filter(self) -> None:
        """Type a filter."""
        tags = sorted(set().union(*set(self.desk.tags.values())))
        names = list(self.desk.view.label_names.values())
        self.query_one(FilterLine).edit({"class": names, "guess": names, "rguess": names, "tag": tags})

    def on_filter_line_asked(self) -> None:
        """The line was clicked."""
        self.action_filter()

    def action_views(self) -> None:
        """Show, save or remove a view."""
        viewer = Viewer(self.desk, self.errands, ask=self.ask, say=lambda text, bad: self.say(text, bad=bad))
        viewer.choose(self.app)

    def action_kind(self, kind: str) -> None:
        """Show one kind, or all."""
        self.take(replaced(self.desk.listing.filter, "kind", (kind,) if kind else ()))

    def on_kind_bar_chosen(self, event: KindBar.Chosen) -> None:
        """A kind was clicked."""
        self.action_kind(event.kind or "")

    def action_control(self) -> None:
        """Show the images of E, or those of A and B again."""
        if self.desk.of_control:
            self.take(replaced(self.desk.listing.filter, "part", ()))
        elif any(self.desk.view.control.values()):
            self.take(replaced(self.desk.listing.filter, "part", ("E",)))
        else:
            self.say("This audit has no control images (part E).")

    def action_class(self) -> None:
        """Ask for a class."""
        names = list(self.desk.view.label_names.values())
        counts = self._class_counts()
        most = max(counts.values(), default=1)
        options = [("", Content("all classes"))]
        options += [(name, lines.option(name, counts.get(name, 0), most=most)) for name in names]
        chosen_now = of_field(self.desk.listing.filter, "class")
        at = 1 + names.index(chosen_now[0]) if len(chosen_now) == 1 and chosen_now[0] in names else 0

        def chosen(place: int | None) -> None:
            if place is not None:
                values = (names[place - 1],) if place else ()
                self.take(replaced(self.desk.listing.filter, "class", values))

        self.app.push_screen(Find("Show which class?", options, at=at), chosen)

    def action_sort(self) -> None:
        """Ask for a field."""
        names = list(SORTS)

        def chosen(place: int | None) -> None:
            if place is not None:
                self.sort_by(names[place])

        at = names.index(self.desk.listing.sort)
        options = [Content(f"{name:<7} {FIELDS[name].meaning}") for name in names]
        self.app.push_screen(Choose("Sort by what?", options, at=at), chosen)

    def sort_by(self, field: str) -> None:
        """Sort by `field`, or the other way round if that is how it is sorted."""
        listing = self.desk.listing
        descending = not listing.descending if field == listing.sort else SORTS[field]
        self.ask(replace(listing, sort=field, descending=descending))

    def action_reverse(self) -> None:
        """Turn the order round."""
        self.sort_by(self.desk.listing.sort)

    def action_back(self) -> None:
        """Take the last term of the filter away; which kind is shown stays: `a` shows all."""
        terms = self.desk.listing.filter.terms
        last = next((term for term in reversed(terms) if term.field != "kind"), None)
        if last is not None:
            self.take(Filter(tuple(term for term in terms if term is not last)))

    def _class_counts(self) -> dict[str, int]:
        """Images of each class that the rest of the filter lets through."""
        desk = self.desk
        wider = replace(desk.listing, filter=replaced(desk.listing.filter, "class", ()))
        rows = places(desk.view.samples, wider, names=desk.view.label_names, tags=desk.tags)
        return dict(desk.view.samples["label_name"][rows].value_counts().iter_rows())
