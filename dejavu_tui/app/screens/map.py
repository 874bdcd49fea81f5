"""The screen on which target and reference confidence of all listed images are seen at once."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from dejavu_tui.app.acts.filtering import FilteringScreen
from dejavu_tui.app.desk import Desk
from dejavu_tui.app.pixels.outlines import outlines
from dejavu_tui.app.plane.points import Points, points
from dejavu_tui.app.samples import sample_at
from dejavu_tui.app.widgets.filterline import FilterLine
from dejavu_tui.app.widgets.fitted import Fitted
from dejavu_tui.app.widgets.kinds import KindBar
from dejavu_tui.app.widgets.picture import Picture
from dejavu_tui.app.widgets.scatter import Scatter
from dejavu_tui.app.words import lines, maplines, twins
from dejavu_tui.listing.places import Listing
from dejavu_tui.records import KINDS
from dejavu_tui.workflows.browse import BrowseView

_CALM = 0.06
"""Seconds without a move before the picture follows the cursor."""
_LEAP = 8
_WIDE, _LOW = 100, 18
"""From so many columns on there is a picture; below so many rows, no line of kinds."""


class MapScreen(FilteringScreen):
    """A cloud of images on the plane of both confidences; a box drawn on it becomes a filter."""

    NAME = "map"
    LETTER = "M"
    ORDER = 5
    LEGEND = (
        ("◆ ◇ ▲ ·", f"{', '.join(KINDS)}; dots have the colour of the kind that most images there have"),
        ("⠂ ⣿", "few images, many images"),
        ("╱", "both encoders equally confident; below it, the target encoder more"),
    )
    CSS: ClassVar[str] = """
    MapScreen #field { height: 1fr; }
    MapScreen #beside { width: 30%; min-width: 34; max-width: 60; padding-left: 2; display: none; }
    MapScreen.-wide #beside { display: block; }
    MapScreen #beside Static { height: 2; }
    MapScreen #beside #path { display: block; height: 1; }
    MapScreen #kinds, MapScreen .told { height: 1; padding-left: 1; }
    MapScreen.-low KindBar, MapScreen.-empty #field, MapScreen.-empty .told { display: none; }
    MapScreen.-empty #empty { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "move(-1, 0)", "Left", show=False, key_display="←", id="map_left",
                tooltip="Move the cursor to less target confidence; h too"),
        Binding("right,l", "move(1, 0)", "Right", show=False, key_display="→", id="map_right",
                tooltip="Move the cursor to more target confidence; l too"),
        Binding("up,k", "move(0, -1)", "Up", show=False, key_display="↑", id="map_up",
                tooltip="Move the cursor to more reference confidence; k too"),
        Binding("down,j", "move(0, 1)", "Down", show=False, key_display="↓", id="map_down",
                tooltip="Move the cursor to less reference confidence; j too"),
        Binding("shift+left", f"move({-_LEAP}, 0)", "Far left", show=False, id="map_far_left",
                tooltip="Leap left"),
        Binding("shift+right", f"move({_LEAP}, 0)", "Far right", show=False, id="map_far_right",
                tooltip="Leap right"),
        Binding("shift+up,pageup", f"move(0, {-_LEAP // 2})", "Far up", show=False, id="map_far_up",
                tooltip="Leap up; page up too"),
        Binding("shift+down,pagedown", f"move(0, {_LEAP // 2})", "Far down", show=False, id="map_far_down",
                tooltip="Leap down; page down too"),
        Binding("less_than_sign,home", "end(0)", "First", show=False, key_display="<", id="map_first",
                tooltip="To the image that is listed first"),
        Binding("greater_than_sign,end", "end(-1)", "Last", show=False, key_display=">", id="map_last",
                tooltip="To the image that is listed last"),
        Binding("space,v", "corner", "Box", key_display="spc", id="map_box",
                tooltip="Begin a box at the cursor; again: leave it as it is; v or the mouse too"),
        Binding("plus", "zoom", "Zoom", key_display="+", show=False, id="map_zoom",
                tooltip="Fill the field with the box, or with what is listed"),
        Binding("underscore", "whole", "Whole", key_display="_", show=False, id="map_whole",
                tooltip="All of the plane again"),
        Binding("enter", "enter", "Browse", id="map_enter",
                tooltip="Browse the images in the box, or the one nearest to the cursor"),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._whole: tuple[BrowseView, Points] | None = None
        self._looked: int | None = None
        self._calm: Timer | None = None

    @property
    def home(self) -> Widget:
        """The field."""
        return self.scatter

    @property
    def scatter(self) -> Scatter:
        """The field."""
        return self.query_one(Scatter)

    @property
    def place(self) -> int | None:
        """Place in the listing of the image that is looked at, or of the nearest if that one is not listed."""
        row = self.desk.row
        return self.scatter.nearest if row is None else row

    def body(self) -> ComposeResult:
        """Lines of state, field, and beside it the image nearest to the cursor."""
        yield FilterLine(self.take)
        yield KindBar()
        yield Static(id="kinds")
        yield Static(id="empty")
        with Horizontal(id="field"):
            yield Scatter(id="scatter")
            with Vertical(id="beside"):
                yield Fitted(id="facts")
                yield Fitted(id="path")
                yield self.desk.pictures(self.desk.gallery, id="picture")
        yield Static(id="near", classes="told")
        yield Static(id="box", classes="told")

    def on_mount(self) -> None:
        """Open with the cursor on the image that is looked at."""
        self.home.focus()

    def draw(self) -> None:
        """Draw what is listed, the cursor on the image that is looked at if another screen has chosen it."""
        desk = self.desk
        self.set_class(not len(desk.places), "-empty")
        if not len(desk.places):
            self.query_one("#empty", Static).update(self.nothing())
        at = desk.row if desk.image_id != self._looked else None
        self._looked = desk.image_id
        self.scatter.show(self._of(desk.view).at(desk.places), at=at)
        self._tell_of_kinds()
        self._tell_of_cursor()
        self.look()

    def twin(self) -> Sequence[str]:
        """Return the command that lists the confidences of what is drawn, or of what is in the box."""
        listing = self._boxed()
        return twins.listed(self.desk, listing, number=self.scatter.inside)

    def resized(self) -> None:
        """Write the lines that depend on the width."""
        self.set_class(self.size.width >= _WIDE, "-wide")
        self.set_class(self.size.height < _LOW, "-low")
        super().resized()
        self._tell_of_kinds()

    def on_scatter_laid(self) -> None:
        """Another size: what is in the cell of the cursor has changed."""
        self._tell_of_cursor()

    def on_scatter_moved(self) -> None:
        """Look at the image nearest to the cursor: its name at once, its picture when the cursor comes to rest."""
        near = self.scatter.nearest
        if near is not None:
            self._looked = self.desk.image_id = int(self.desk.listed[near])
        self._tell_of_cursor()
        if self._calm is not None:
            self._calm.stop()
        self._calm = self.set_timer(_CALM, self.look)

    async def on_scatter_entered(self) -> None:
        """A place was clicked twice."""
        await self.action_enter()

    def action_move(self, columns: int, rows: int) -> None:
        """Move the cursor by cells."""
        self.scatter.move(columns, rows)

    def action_end(self, place: int) -> None:
        """Go to the image that is listed first or last."""
        if len(self.desk.listed):
            self.scatter.go(place)

    def action_corner(self) -> None:
        """Begin a box, or leave it as it is."""
        self.scatter.corner()

    def action_zoom(self) -> None:
        """Fill the field with the box, or with what is listed."""
        self.scatter.zoom()

    def action_whole(self) -> None:
        """All of the plane again."""
        self.scatter.whole()

    def action_back(self) -> None:
        """Take the box away, then as everywhere."""
        if self.scatter.area is not None:
            self.scatter.drop()
        else:
            super().action_back()

    async def action_enter(self) -> None:
        """Browse what is in the box, or the image nearest to the cursor."""
        if self.scatter.area is not None:
            if not self.scatter.inside:
                self.say("No listed image is in the box; esc takes it away.")
                return
            listing = self._boxed()
            self.scatter.drop()
            self.ask(listing)
        elif self.place is not None:
            self.desk.image_id = int(self.desk.listed[self.place])
        await self.run_action("app.go('browse')")

    def look(self) -> None:
        """Show the image that is looked at beside the field, where there is room."""
        desk, place = self.desk, self.place
        picture = self.query_one("#picture", Picture)
        if place is None:
            picture.ask(None)
            return
        sample = sample_at(desk.view, int(desk.places[place]))
        picture.ask(desk.view.source / sample.path, marks=outlines(sample))
        self.query_one("#facts", Fitted).write(lambda width: lines.facts(sample, width=width, only_crop=False))
        self.query_one("#path", Fitted).write(lambda width: lines.path(sample, width=width))

    def _boxed(self) -> Listing:
        area, listing = self.scatter.area, self.desk.listing
        return listing if area is None else replace(listing, filter=area.listed(listing.filter))

    def _of(self, view: BrowseView) -> Points:
        if self._whole is None or self._whole[0] is not view:
            self._whole = view, points(view)
        return self._whole[1]

    def _tell_of_kinds(self) -> None:
        shown = maplines.legend(self.scatter.points.kind, width=self.size.width - 2)
        self.query_one("#kinds", Static).update(shown, layout=False)

    def _tell_of_cursor(self) -> None:
        """Write which image is the nearest, and what is in the box."""
        scatter, place, width = self.scatter, self.place, self.size.width - 2
        if place is not None:
            row = self.desk.view.samples.row(int(self.desk.places[place]), named=True)
            near = maplines.near(row, scatter.here - 1, width=width)
            self.query_one("#near", Static).update(near, layout=False)
        told = maplines.box(scatter.area, scatter.inside, width=width)
        self.query_one("#box", Static).update(told, layout=False)


SCREEN = MapScreen
