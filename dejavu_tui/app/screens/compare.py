"""The screen on which one image is followed over snapshots, layers or runs."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from dejavu_tui.app.acts.paneled import PanelScreen
from dejavu_tui.app.acts.tracing import OVERS, Tracing
from dejavu_tui.app.acts.unlisted import UnlistedScreen
from dejavu_tui.app.acts.walking import WalkingScreen
from dejavu_tui.app.busy import say_busy
from dejavu_tui.app.course import Course, Station, lacking, story
from dejavu_tui.app.desk import Desk, Snapshot
from dejavu_tui.app.widgets.answers import BOTH_LEGEND
from dejavu_tui.app.widgets.fitted import Fitted
from dejavu_tui.app.widgets.pointdetail import PointDetail
from dejavu_tui.app.widgets.pointpanel import NEW
from dejavu_tui.app.widgets.strip import PointStrip
from dejavu_tui.app.words.comparing import heading
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.trace import Point

if TYPE_CHECKING:
    from dejavu_tui.app.application import DejavuApp

_CALM = 0.06
"""Seconds without a move before the line of another image is read."""
ZOOMS = ("points", "half", "pictures")
"""What has most of the room."""
_ZOOM = "compare zoom"


class CompareScreen(PanelScreen, WalkingScreen, UnlistedScreen):
    """A strip of points above; below it the image, and what both encoders answer at the point of the cursor."""

    NAME = "compare"
    LETTER = "C"
    ORDER = 3
    PANELS = ("points", "mine", "target", "reference")
    LEGEND = (
        ("● ○ ◉", "confidence of the target, of the reference, of both; the scale ends at that of k classes"),
        ("not stored", "nothing is there of this point yet; b makes it"),
        BOTH_LEGEND,
        (NEW, "a neighbour that is not among those at the last stored point before"),
    )
    CSS: ClassVar[str] = """
    CompareScreen #image, CompareScreen #story { height: 1; padding: 0 1; }
    CompareScreen #story { color: $text-muted; }
    CompareScreen #points { height: 9; }
    CompareScreen #why { display: none; height: 1fr; padding: 0 2; }
    CompareScreen #why { content-align: center middle; text-align: center; }
    CompareScreen #answers { height: 1fr; border-top: solid $surface-lighten-2; padding: 0 1; }
    CompareScreen #mine { width: 24; padding-right: 1; }
    CompareScreen #legend { height: 2; }
    CompareScreen.-tall #points { height: 13; }
    CompareScreen.-tall #mine { width: 30%; }
    CompareScreen.-zoom-points #points { height: 1fr; }
    CompareScreen.-zoom-points #answers { display: none; }
    CompareScreen.-zoom-pictures #points { height: 2; }
    CompareScreen.-narrow #points { height: 1fr; }
    CompareScreen.-narrow #mine { width: 1fr; padding: 0; }
    CompareScreen.-nothing #points, CompareScreen.-nothing #answers { display: none; }
    CompareScreen.-nothing #why { display: block; }
    CompareScreen #answers.-blank > * { visibility: hidden; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "point(-1)", "Point", key_display="← →", id="point_before",
                tooltip="The point before, along the strip; h too"),
        Binding("right,l", "point(1)", "Point after", show=False, key_display="→", id="point_after",
                tooltip="The point after, along the strip; l too"),
        Binding("m", "over", "Over", id="compare_over", tooltip="Compare over epochs, layers or runs"),
        Binding("b", "build", "Build", id="compare_build",
                tooltip="Make the point under the cursor, or all that are not stored; again: stop"),
        Binding("n", "page(1)", "More", show=False, id="compare_more", tooltip="Farther neighbours"),
        Binding("N", "page(-1)", "Nearer", show=False, id="compare_nearer", tooltip="Nearer neighbours"),
        Binding("plus", "zoom(1)", "Larger", show=False, key_display="+", id="compare_larger",
                tooltip="More room for the pictures"),
        Binding("underscore", "zoom(-1)", "Smaller", show=False, key_display="_", id="compare_smaller",
                tooltip="More room for the strip and its plot"),
        Binding("enter", "here", "Browse", id="compare_browse", tooltip="Browse the snapshot under the cursor"),
        Binding("escape", "stop", "Stop", show=False, key_display="esc", id="compare_stop",
                tooltip="Stop making what is not stored"),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.course: Course | None = None
        busy = partial(say_busy, self)
        self.tracing = Tracing(
            desk, self.errands, arrived=self._arrived, refused=self._refused, busy=busy, failed=self._failed
        )
        self._at: Point | None = None
        self._here: Snapshot | None = None
        self._calm: Timer | None = None

    def body(self) -> ComposeResult:
        """Two lines of words, the strip, the pictures."""
        yield Fitted(id="image")
        yield Fitted(id="story")
        yield PointStrip(id="points")
        yield Static(id="why")
        yield PointDetail(self.desk.gallery, self.desk.pictures, id="answers")

    @property
    def zoom(self) -> str:
        """Which of ZOOMS it is."""
        kept = self.desk.kept.get(_ZOOM)
        return kept if kept in ZOOMS else "half"

    @property
    def place(self) -> int:
        """Where on the strip the cursor stands."""
        return (self.course.place(self._at) if self.course else None) or 0

    @property
    def station(self) -> Station | None:
        """The point under the cursor."""
        return self.course.stations[self.place] if self.course else None

    def draw(self) -> None:
        """Follow the image that is looked at; the cursor goes to the snapshot on the desk when that changes."""
        here = cast("DejavuApp", self.app).travel.here
        if here != self._here:
            self._here, self._at = here, Point(here.run, self.desk.view.epoch, self.desk.view.layer)
        self._write()
        if self._calm is not None:
            self._calm.stop()
        self._calm = self.set_timer(_CALM, self.tracing.read)

    def grew(self) -> None:
        """A snapshot may be there that was not, or be stored by now."""
        super().grew()
        self.tracing.read()

    def twin(self) -> Sequence[str]:
        """Return the command that prints what is stored along the strip."""
        return self.tracing.command

    def on_point_strip_chosen(self, event: PointStrip.Chosen) -> None:
        """A point was clicked."""
        self._go(event.place)

    def action_point(self, by: int) -> None:
        """Go to the point before or after."""
        self._go(self.place + by)

    def action_over(self) -> None:
        """Compare over what comes next: epochs, layers, runs."""
        self.tracing.over = OVERS[(OVERS.index(self.tracing.over) + 1) % len(OVERS)]
        self.course = self._here = None
        self.draw()

    def action_page(self, by: int) -> None:
        """Show farther or nearer neighbours."""
        self.query_one(PointDetail).page(by, k=self.desk.view.k)
        self._write()

    def action_zoom(self, by: int) -> None:
        """Give the pictures more room, or the strip."""
        place = ZOOMS.index(self.zoom) + by
        self.desk.kept[_ZOOM] = ZOOMS[min(max(place, 0), len(ZOOMS) - 1)]
        self.lay_out()

    def lay_out(self) -> None:
        """Share the room as the zoom asks for, unless there is only room for one panel."""
        super().lay_out()
        for zoom in ZOOMS:
            self.set_class(not self.has_class("-narrow") and zoom == self.zoom, f"-zoom-{zoom}")

    async def action_here(self) -> None:
        """Browse the snapshot under the cursor, at this image."""
        app, station = cast("DejavuApp", self.app), self.station
        if station is None or station.row is None:
            self.say("Nothing is stored at this point; b makes it.")
            return
        there = Snapshot(station.point.run, station.point.epoch, station.point.layer)
        if there != self._here:
            app.travel.go(there)
        await app.action_go("browse")

    def action_build(self) -> None:
        """Make what is not stored: the point under the cursor, else all; stop if that is being done."""
        if self.tracing.building:
            self.action_stop()
        elif self.course and self.station and not self.tracing.build(self.course, self.station.point):
            self.say("Every point that can be made is stored.")

    def action_stop(self) -> None:
        """Stop making points; those that are made stay."""
        if self.tracing.building:
            self.tracing.stop()

    def _failed(self, why: str) -> None:
        self.say(why, bad=True)

    def _arrived(self, found: Course) -> None:
        self.course = found
        if found.place(self._at) is None:
            stored = [station for station in found.stations if station.row is not None]
            self._at = (stored or found.stations)[-1].point
        self.remove_class("-nothing")
        self.call_after_refresh(self._write)

    def _refused(self, why: str) -> None:
        self.course = None
        self.add_class("-nothing")
        self.query_one("#why", Static).update(Content(safe_text(why)))
        self._write()

    def _go(self, place: int) -> None:
        if self.course and 0 <= place < len(self.course.stations):
            self._at = self.course.stations[place].point
            self._write()

    def _write(self) -> None:
        """Show the image, what became of it, and what both encoders answer at the point under the cursor."""
        desk, over = self.desk, self.tracing.over
        line = self.course if self.course and self.course.found.image_id == desk.image_id else None
        self.query_one("#image", Fitted).write(lambda width: heading(desk, over, width=width))
        words = lacking(self.station, line) if line and self.station else None
        told = Content(safe_text(words or story(line))) if line else Content("…" if self.course else "")
        self.query_one("#story", Fitted).write(lambda width: told.truncate(width, ellipsis=True))
        if line is None or self.station is None:
            return
        self.query_one(PointStrip).show(line, cursor=self.place)
        self.query_one(PointDetail).show(desk.view, line, self.place)


SCREEN = CompareScreen
