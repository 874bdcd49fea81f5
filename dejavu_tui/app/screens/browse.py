"""The screen on which the remembered images are looked at."""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

import polars as pl
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static
from textual_fastdatatable import DataTable

from dejavu_tui.app import lines
from dejavu_tui.app.desk import Desk
from dejavu_tui.app.raster import BOX_COLOUR, CROP_COLOUR, Mark
from dejavu_tui.app.samples import Sample, of_whole_image, sample_at
from dejavu_tui.app.selecting import SelectingScreen
from dejavu_tui.app.widgets.answers import AnswerPanel
from dejavu_tui.app.widgets.filterline import FilterLine
from dejavu_tui.app.widgets.kinds import KindBar
from dejavu_tui.app.widgets.picture import Picture
from dejavu_tui.app.widgets.table import Marks, SampleTable
from dejavu_tui.workflows.browse import BrowseView

_CALM = 0.06
"""Seconds without a move before the pictures follow the cursor."""
PANELS = ("table", "own", "target", "reference")


class BrowseScreen(SelectingScreen):
    """Table above; the image, and what the two encoders answer, below."""

    NAME = "browse"
    LETTER = "B"
    ORDER = 2
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "tab",
            "panel",
            "Panel",
            priority=True,
            id="panel",
            tooltip="The next panel, in a window below 60 columns",
        ),
        Binding(
            "w",
            "whole",
            "Whole",
            id="whole",
            tooltip="Neighbours of the whole image, from the index; again: of the crop",
        ),
        Binding("right,l", "page(1)", "More", key_display="→", id="more", tooltip="Farther neighbours; l too"),
        Binding(
            "left,h",
            "page(-1)",
            "Nearer",
            show=False,
            key_display="←",
            id="nearer",
            tooltip="Nearer neighbours; h too",
        ),
        Binding(
            "o", "crop", "Crop", show=False, id="crop", tooltip="Only the crop, as the encoders saw it; again: all"
        ),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.sample: Sample | None = None
        self._first = 0
        self._whole = False
        self._only_crop = False
        self._shown: BrowseView | None = None
        self._lost: tuple[int, int] | None = None
        self._panel = 0
        self._calm: Timer | None = None

    @property
    def home(self) -> Widget:
        """The table."""
        return self.query_one(SampleTable)

    def body(self) -> ComposeResult:
        """Lines of state, table, pictures."""
        yield FilterLine(self.take)
        yield KindBar()
        yield SampleTable(id="table")
        yield Static(id="empty")
        with Horizontal(id="detail"):
            with Vertical(id="own"):
                yield Static(id="facts")
                yield self.desk.pictures(self.desk.gallery, id="picture")
                yield Static(id="path")
            yield AnswerPanel(self.desk.gallery, self.desk.pictures, id="target")
            yield AnswerPanel(self.desk.gallery, self.desk.pictures, id="reference")

    def on_mount(self) -> None:
        """Open on the memorized images, most confident first."""
        self.home.focus()

    def draw(self) -> None:
        """List what is asked for, the cursor on the image that is looked at if it is listed."""
        desk = self.desk
        self._follow()
        cursor = desk.row or 0
        table = self.query_one(SampleTable)
        table.show(desk.view, desk.places, desk.listing, marks=self._marks(), cursor=cursor)
        self.set_class(not len(desk.places), "-empty")
        self.query_one("#empty", Static).update(lines.nothing(desk))
        self.look(cursor)

    def twin(self) -> Sequence[str]:
        """Return the command that lists the same."""
        desk, view = self.desk, self.desk.view
        words = ["dejavu", "top", str(desk.audit.root), "--run", view.run, "--epoch", str(view.epoch)]
        words += ["--layer", view.layer, "--k", str(view.k), "-n", str(max(len(desk.listed), 1))]
        return [*words, "--filter", str(desk.listing.filter), "--sort", desk.listing.sort]

    def resized(self) -> None:
        """Write the lines that depend on the width."""
        self._lay_out()
        super().resized()
        if self.sample is not None:
            self._show(self.sample)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Panels are changed only where one alone has room."""
        if action == "panel":
            return self.has_class("-narrow")
        return super().check_action(action, parameters)

    def on_data_table_row_highlighted(self) -> None:
        """Follow the cursor: its image at once, the pictures when it comes to rest."""
        row = self.query_one(SampleTable).cursor_row
        if row < len(self.desk.listed):
            self.desk.image_id = int(self.desk.listed[row])
            self.moved()
        if self._calm is not None:
            self._calm.stop()
        self._calm = self.set_timer(_CALM, partial(self.look, row))

    def on_data_table_header_selected(self, event: DataTable.HeaderSelected) -> None:
        """A heading was clicked: sort by it, or the other way round."""
        self.sort_by(self.query_one(SampleTable).fields[event.column_index].name)

    def on_data_table_row_selected(self) -> None:
        """Enter, when images are picked: take the selected ones, or the one under the cursor."""
        if self.desk.picking:
            self.app.exit(self.chosen())

    def look(self, row: int) -> None:
        """Show the image in `row` of the table beside what the encoders answer."""
        desk = self.desk
        if row >= len(desk.places):
            self.sample = None
            return
        sample = sample_at(desk.view, int(desk.places[row]))
        if self.sample is None or self.sample.image_id != sample.image_id:
            self._first = 0
        self.sample = sample
        desk.image_id = sample.image_id
        self._show(sample)
        if self._whole:
            self._ask(sample)

    def action_page(self, step: int) -> None:
        """Show nearer or farther neighbours."""
        if self.sample is None:
            return
        seen = self.query_one("#target", AnswerPanel).arrangement.tiles
        last = max(len(self.sample.target.neighbours) - 1, 0) // seen * seen
        self._first = min(max(self._first // seen * seen + step * seen, 0), last)
        self._show(self.sample)

    def action_crop(self) -> None:
        """Show only the crop, or all of the image."""
        self._only_crop = not self._only_crop
        if self.sample is not None:
            self._show(self.sample)

    def action_panel(self) -> None:
        """Show the next panel."""
        self._panel = (self._panel + 1) % len(PANELS)
        self._lay_out()

    def action_back(self) -> None:
        """Back from the whole image to the crop, then as everywhere."""
        if self._whole:
            self.action_whole()
        else:
            super().action_back()

    def action_whole(self) -> None:
        """Ask the index for the whole image, or show the neighbours of the crop again."""
        self._whole = not self._whole
        self.look(self.query_one(SampleTable).cursor_row)

    def go_on(self) -> None:
        """The next row."""
        self.query_one(SampleTable).action_cursor_down()

    def remark(self) -> None:
        """Draw the marks in the table anew."""
        self.query_one(SampleTable).remark(self._marks())

    def _ask(self, sample: Sample) -> None:
        """Ask the index for the whole image of `sample`; a former question is given up."""
        view, query = self.desk.view, self.desk.query

        def answered(found: pl.DataFrame) -> None:
            if self._whole and self.sample is not None and self.sample.image_id == sample.image_id:
                self.sample = of_whole_image(self.desk.view, self.sample, found)
                self._show(self.sample)

        def failed(why: str) -> None:
            self._whole = False
            self.say(why, bad=True)

        self.errands.start(
            "index",
            lambda progress, stop: query(view, view.source / sample.path, None, progress, stop),
            then=answered,
            fail=failed,
        )

    def _follow(self) -> None:
        """At another snapshot, say where the image went if it is not listed there, and find it at the next."""
        desk, former = self.desk, self._shown
        self._shown = desk.view
        if former is None or former is desk.view or desk.image_id is None:
            return
        keep = desk.image_id
        if self._lost is not None and self._lost[1] == keep:
            keep = self._lost[0]
        self._lost = None
        desk.image_id = keep
        if desk.row is None and len(desk.listed):
            desk.image_id = int(desk.listed[0])
            self._lost = keep, desk.image_id
            found = desk.view.samples.filter(image_id=keep)["kind"]
            kind = f"is {found[0]}" if len(found) else "is not attacked"
            self.say(f"Image {keep} {kind} at epoch {desk.view.epoch}; a lists all kinds.")

    def _show(self, sample: Sample) -> None:
        marks = tuple(Mark(box, BOX_COLOUR, dashed=True) for box in sample.boxes)
        marks += (Mark(sample.crop, CROP_COLOUR, dashed=False),)
        only = sample.crop if self._only_crop else None
        source = self.desk.view.source
        picture = self.query_one("#picture", Picture)
        picture.ask(source / sample.path, marks=() if only else marks, only=only)
        width = picture.size.width
        facts = lines.facts(sample, width=width, only_crop=self._only_crop)
        self.query_one("#facts", Static).update(facts, layout=False)
        self.query_one("#path", Static).update(lines.path(sample, width=width), layout=False)
        for answer in (sample.target, sample.reference):
            self.query_one(f"#{answer.role}", AnswerPanel).show(answer, source=source, first=self._first)

    def _marks(self) -> Marks:
        return Marks(self.desk.selected, self.desk.tags, self.between)

    def _lay_out(self) -> None:
        narrow = self.has_class("-narrow")
        for place, name in enumerate(PANELS):
            self.query_one(f"#{name}").set_class(narrow and place != self._panel, "-away")
        self.query_one("#detail").set_class(narrow and not self._panel, "-away")


SCREEN = BrowseScreen
