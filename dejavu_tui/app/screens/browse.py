"""The screen on which the remembered images are looked at."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static
from textual_fastdatatable import DataTable

from dejavu_tui.app.acts.paneled import PanelScreen
from dejavu_tui.app.acts.selecting import SelectingScreen
from dejavu_tui.app.acts.wholes import Wholes
from dejavu_tui.app.desk import Desk
from dejavu_tui.app.keeping import Keeper
from dejavu_tui.app.samples import Sample, sample_at
from dejavu_tui.app.widgets.answers import BOTH_LEGEND
from dejavu_tui.app.widgets.detail import Detail
from dejavu_tui.app.widgets.filterline import FilterLine
from dejavu_tui.app.widgets.kinds import KindBar
from dejavu_tui.app.widgets.sourceless import Sourceless
from dejavu_tui.app.widgets.table import Marks, SampleTable
from dejavu_tui.listing.fields import SORTS
from dejavu_tui.listing.options import options

_CALM = 0.06
"""Seconds without a move before the pictures follow the cursor."""
_AHEAD = (1, -1, 2, -2)
"""Rows whose pictures are made ahead, the first first."""
ZOOMS = ("table", "half", "pictures")
"""What has the room, from `_` to `+`; `half`: table above, pictures below."""
_ZOOM = "browse zoom"


class BrowseScreen(PanelScreen, SelectingScreen):
    """Table above; the image, and what the two encoders answer, below."""

    NAME = "browse"
    LETTER = "B"
    ORDER = 2
    PANELS = ("table", "own", "target", "reference")
    LEGEND = (
        ("● ○ #", "selected, in the range that is being made, tagged"),
        BOTH_LEGEND,
        ("▇▇▇ 12", "how many neighbours vote for a class; both encoders on one scale"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "deeper", "Compare", show=False, id="deeper",
                tooltip="This image over epochs, layers and runs"),
        Binding("w", "whole", "Whole", show=False, id="whole",
                tooltip="Neighbours of the whole image, from the index; again: of the crop"),
        Binding("right,l", "page(1)", "Farther", show=False, key_display="→", id="more", tooltip="Next neighbours"),
        Binding("left,h", "page(-1)", "Nearer", show=False, key_display="←", id="nearer", tooltip="Those before"),
        Binding("o", "crop", "Crop", show=False, id="crop", tooltip="Only the crop; again: all of the image"),
        Binding("plus", "zoom(1)", "Larger", show=False, key_display="+", id="larger", tooltip="Larger pictures"),
        Binding("underscore", "zoom(-1)", "Smaller", show=False, key_display="_", id="smaller",
                tooltip="Larger table"),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.sample: Sample | None = None
        self._wholes = Wholes(desk, self.errands, told=self.tell)
        self._whole = False
        self._keeper = Keeper()
        self._calm: Timer | None = None

    @property
    def home(self) -> Widget:
        """The table."""
        return self.query_one(SampleTable)

    @property
    def zoom(self) -> str:
        """Which of ZOOMS it is."""
        kept = self.desk.kept.get(_ZOOM)
        return kept if kept in ZOOMS else "half"

    def body(self) -> ComposeResult:
        """Lines of state, table, pictures."""
        yield FilterLine(self.take)
        yield KindBar()
        yield SampleTable(id="table")
        yield Static(id="empty")
        yield Sourceless()
        yield Detail(self.desk.gallery, self.desk.pictures, id="detail")

    def on_mount(self) -> None:
        """Open on the memorized images, most confident first."""
        self.home.focus()
        self.watch(self.query_one(SampleTable), "cursor_coordinate", self._point, init=False)

    def draw(self) -> None:
        """List what is asked for, the cursor on the image that is looked at if it is listed."""
        desk = self.desk
        lost = self._keeper.follow(desk)
        if lost is not None:
            self.say(lost)
        cursor = desk.row or 0
        self.query_one(SampleTable).show(desk.view, desk.places, desk.listing, marks=self._marks(), cursor=cursor)
        self.set_class(not len(desk.places), "-empty")
        self.set_class(bool(desk.tags), "-tagged")
        self.query_one(Sourceless).show(desk.view)
        if not len(desk.places):
            self.query_one("#empty", Static).update(self.nothing())
        self.look(cursor)

    def twin(self) -> Sequence[str]:
        """Return the command that lists the same."""
        desk, view = self.desk, self.desk.view
        words = ["dejavu", "top", str(desk.audit.root), "--run", view.run, "--epoch", str(view.epoch)]
        words += ["--layer", view.layer, "--k", str(view.k), "-n", str(max(len(desk.listed), 1))]
        return [*words, *options(desk.listing)]

    def lay_out(self) -> None:
        """Show one panel or all; of all, table and pictures share the room as `zoom` says."""
        super().lay_out()
        for zoom in ZOOMS:
            self.set_class(not self.has_class("-narrow") and zoom == self.zoom, f"-zoom-{zoom}")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a filter is typed, tab completes it."""
        if action == "panel" and self.query_one(FilterLine).editing:
            return False
        return super().check_action(action, parameters)

    def on_data_table_row_highlighted(self) -> None:
        """Follow the cursor: its image at once, the pictures when it comes to rest."""
        self._point()
        if self._calm is not None:
            self._calm.stop()
        self._calm = self.set_timer(_CALM, self._rest)

    def on_data_table_header_selected(self, event: DataTable.HeaderSelected) -> None:
        """A heading was clicked: sort by it, or the other way round."""
        field = self.query_one(SampleTable).fields[event.column_index].name
        if field in SORTS:
            self.sort_by(field)

    async def on_data_table_row_selected(self) -> None:
        """Enter, or a click on the row of the cursor."""
        await self.run_action("deeper")

    async def action_deeper(self) -> None:
        """Compare this image over snapshots; when images are picked, take the selected ones, or this one."""
        if self.desk.picking:
            self.app.exit(self.chosen())
        elif self.desk.row is not None:
            await self.run_action("app.go('compare')")

    def look(self, row: int) -> None:
        """Show the image in `row` of the table beside what the encoders answer."""
        desk = self.desk
        if row >= len(desk.places):
            self.sample = None
            return
        self.sample = sample = sample_at(desk.view, int(desk.places[row]))
        desk.image_id = sample.image_id
        self._show(sample)
        if self._whole:
            self._ask(sample)
        self._look_ahead(row)

    def go_on(self) -> None:
        """The next row."""
        self.query_one(SampleTable).action_cursor_down()

    def remark(self) -> None:
        """Draw the marks in the table anew."""
        self.query_one(SampleTable).remark(self._marks())

    def action_page(self, by: int) -> None:
        """Show nearer or farther neighbours."""
        self.query_one(Detail).page(by)

    def action_crop(self) -> None:
        """Show only the crop, or all of the image."""
        self.query_one(Detail).switch()

    def action_zoom(self, by: int) -> None:
        """Give the pictures more room, or the table."""
        place = min(max(ZOOMS.index(self.zoom) + by, 0), len(ZOOMS) - 1)
        self.desk.kept[_ZOOM] = ZOOMS[place]
        self.lay_out()

    def action_back(self) -> None:
        """Back from the whole image to the crop, then as everywhere."""
        if self._whole:
            self.action_whole()
        else:
            super().action_back()

    def action_whole(self) -> None:
        """Ask the index for the whole image, or show the neighbours of the crop again."""
        self._whole = not self._whole
        if not self._whole:
            self.workers.cancel_group(self, "index")
            self._wholes.rest()
        self._rest()

    def _ask(self, sample: Sample) -> None:
        """Ask the index for the whole image of `sample`."""

        def answered(whole: Sample) -> None:
            if self._whole and self.sample is not None and self.sample.image_id == sample.image_id:
                self.sample = whole
                self._show(whole)

        def failed(why: str) -> None:
            self._whole = False
            self.say(why, bad=True)

        self._wholes.ask(sample, then=answered, fail=failed)

    def _look_ahead(self, row: int) -> None:
        """Have the pictures of the rows around `row` made, in a thread."""
        desk, detail = self.desk, self.query_one(Detail)
        view, gallery = desk.view, desk.gallery
        near = [int(desk.places[row + by]) for by in _AHEAD if 0 <= row + by < len(desk.places)]

        def then(samples: list[Sample]) -> None:
            gallery.prefetch(wanted for one in samples for wanted in detail.ahead(one, source=view.source))

        self.errands.start(
            "ahead", lambda _progress, _stop: [sample_at(view, place) for place in near], then=then, fail=self.say
        )

    def _point(self) -> None:
        """Look at the image under the cursor from now on: keys that are typed ahead mean it."""
        row = self.query_one(SampleTable).cursor_row
        if row < len(self.desk.listed):
            self.desk.image_id = int(self.desk.listed[row])
            self.moved()

    def _rest(self) -> None:
        """Look at the image under the cursor, wherever that is by now."""
        self.look(self.query_one(SampleTable).cursor_row)

    def _show(self, sample: Sample) -> None:
        tags = self.desk.tags.get(sample.image_id, frozenset())
        self.query_one(Detail).show(sample, source=self.desk.view.source, tags=tags)

    def _marks(self) -> Marks:
        return Marks(self.desk.selected, self.desk.tags, self.between)


SCREEN = BrowseScreen
