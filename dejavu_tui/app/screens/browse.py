"""The screen on which the remembered images are looked at."""

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Footer, Static
from textual_fastdatatable import DataTable

from dejavu_tui.app import lines
from dejavu_tui.app.errands import Answered, AskIndex, Errands, Failed, Going, Opened, OpenEpoch
from dejavu_tui.app.gallery import Gallery
from dejavu_tui.app.listed import ListedScreen
from dejavu_tui.app.raster import BOX_COLOUR, CROP_COLOUR, Mark
from dejavu_tui.app.samples import Sample, of_whole_image, sample_at
from dejavu_tui.app.widgets.answers import AnswerPanel
from dejavu_tui.app.widgets.kinds import KindBar
from dejavu_tui.app.widgets.picture import Mode, Picture, picture_class
from dejavu_tui.app.widgets.table import SampleTable
from dejavu_tui.workflows.browse import BrowseView

_CALM = 0.06
"""Seconds without a move before the pictures follow the cursor."""
_NARROW = 60
_LEAST = (40, 12)
_TALL = 32
PANELS = ("table", "own", "target", "reference")


class BrowseScreen(ListedScreen):
    """Table above; the image, and what the two encoders answer, below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "panel", "Panel", priority=True, tooltip="The next panel, in a window below 60 columns"),
        Binding("left_square_bracket", "epoch(-1)", "Epoch", key_display="[ ]", tooltip="Snapshot before; ] after"),
        Binding(
            "right_square_bracket", "epoch(1)", "Later", show=False, key_display="]", tooltip="The snapshot after"
        ),
        Binding("w", "whole", "Whole", tooltip="Neighbours of the whole image, from the index; again: of the crop"),
        Binding("right,l", "page(1)", "More", key_display="→", tooltip="Farther neighbours; l too"),
        Binding("left,h", "page(-1)", "Nearer", show=False, key_display="←", tooltip="Nearer neighbours; h too"),
        Binding("o", "crop", "Crop", show=False, tooltip="Only the crop, as the encoders saw it; again: all"),
    ]

    def __init__(
        self,
        view: BrowseView,
        *,
        gallery: Gallery,
        mode: Mode,
        open_epoch: OpenEpoch | None,
        ask_index: AskIndex | None,
    ) -> None:
        super().__init__(view)
        self.sample: Sample | None = None
        self._errands = Errands(self, open_epoch=open_epoch, ask_index=ask_index)
        self._gallery = gallery
        self._pictures = picture_class(mode)
        self._first = 0
        self._whole = False
        self._only_crop = False
        self._opening: int | None = None
        self._lost: tuple[int, int | None] | None = None
        self._panel = 0
        self._calm: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lines of state, table, pictures, keys."""
        yield Static(id="top")
        yield KindBar()
        yield SampleTable(id="table")
        yield Static(id="empty")
        with Horizontal(id="detail"):
            with Vertical(id="own"):
                yield Static(id="facts")
                yield self._pictures(self._gallery, id="picture")
                yield Static(id="path")
            yield AnswerPanel(self._gallery, self._pictures, id="target")
            yield AnswerPanel(self._gallery, self._pictures, id="reference")
        yield Static("This window is too small: 40 x 12 cells at least.", id="small")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Open on the memorized images, most confident first."""
        self.list_anew(keep=None)
        self.query_one(SampleTable).focus()

    def on_resize(self) -> None:
        """One panel below 60 columns, a notice below 40 x 12 cells."""
        width, height = self.size
        self.set_class(width < _NARROW, "-narrow")
        self.set_class(width < _LEAST[0] or height < _LEAST[1], "-tiny")
        self.set_class(height >= _TALL, "-tall")
        self._lay_out()
        self.refresh_bindings()
        self.call_after_refresh(self._redraw)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Panels are changed only where one alone has room."""
        if action == "panel":
            return self.has_class("-narrow")
        return super().check_action(action, parameters)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Follow the cursor when it comes to rest."""
        if self._calm is not None:
            self._calm.stop()
        self._calm = self.set_timer(_CALM, partial(self.look, event.cursor_row))

    def look(self, row: int) -> None:
        """Show the image in `row` of the table beside what the encoders answer."""
        if row >= len(self.places):
            self.sample = None
            return
        sample = sample_at(self.view, int(self.places[row]))
        if self.sample is None or self.sample.image_id != sample.image_id:
            self._first = 0
        self.sample = sample
        self._show(sample)
        if self._whole:
            self._errands.ask(self.view, sample)

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
        if not self._errands.can_ask:
            self.say("There is no index to ask here.")
            return
        self._whole = not self._whole
        self.look(self.query_one(SampleTable).cursor_row)

    def action_epoch(self, step: int) -> None:
        """Open the snapshot before or after; again and again goes on from the one being opened."""
        epochs = self.view.epochs
        place = epochs.index(self._opening or self.view.epoch) + step
        if not (self._errands.can_open and 0 <= place < len(epochs)):
            self.say("This is the last snapshot." if step > 0 else "This is the first snapshot.")
            return
        self._opening = epochs[place]
        self.busy = f"opening epoch {self._opening}"
        self.tell()
        self._errands.open(self._opening)

    @on(Opened)
    def _opened(self, event: Opened) -> None:
        """Look at the same image at the other epoch; where it is not listed, say so, and find it at the next."""
        if event.view.epoch != self._opening:
            return
        self._opening, self.busy = None, ""
        keep = self.looked_at
        if self._lost is not None and self._lost[1] == keep:
            keep = self._lost[0]
        self._lost = None
        self.view = event.view
        self.list_anew(keep=keep)
        if keep is not None and keep != self.looked_at:
            self._lost = keep, self.looked_at
            found = self.view.samples.filter(image_id=keep)["kind"]
            kind = f"is {found[0]}" if len(found) else "is not attacked"
            self.say(f"Image {keep} {kind} at epoch {self.view.epoch}; a lists all kinds.")

    @on(Going)
    def _going(self, event: Going) -> None:
        if event.epoch == self._opening:
            of = f"/{event.step.total}" if event.step.total else ""
            self.busy = f"epoch {event.epoch}: {event.step.stage} {event.step.done}{of}"
            self.tell()

    @on(Failed)
    def _failed(self, event: Failed) -> None:
        if event.epoch is None:
            self._whole = False
        elif event.epoch == self._opening:
            self._opening, self.busy = None, ""
            self.tell()
        self.say(event.why, bad=True)

    @on(Answered)
    def _answered(self, event: Answered) -> None:
        """Show the neighbours of the whole image, if it is still the one looked at."""
        if self._whole and self.sample is not None and self.sample.image_id == event.image_id:
            self.sample = of_whole_image(self.view, self.sample, event.found)
            self._show(self.sample)

    def _show(self, sample: Sample) -> None:
        marks = tuple(Mark(box, BOX_COLOUR, dashed=True) for box in sample.boxes)
        marks += (Mark(sample.crop, CROP_COLOUR, dashed=False),)
        only = sample.crop if self._only_crop else None
        picture = self.query_one("#picture", Picture)
        picture.ask(self.view.source / sample.path, marks=() if only else marks, only=only)
        width = picture.size.width
        facts = lines.facts(sample, width=width, only_crop=self._only_crop)
        self.query_one("#facts", Static).update(facts, layout=False)
        self.query_one("#path", Static).update(lines.path(sample, width=width), layout=False)
        for answer in (sample.target, sample.reference):
            self.query_one(f"#{answer.role}", AnswerPanel).show(answer, source=self.view.source, first=self._first)

    def _redraw(self) -> None:
        """Write the lines that depend on the width."""
        self.tell()
        if self.sample is not None:
            self._show(self.sample)

    def _lay_out(self) -> None:
        narrow = self.has_class("-narrow")
        for place, name in enumerate(PANELS):
            self.query_one(f"#{name}").set_class(narrow and place != self._panel, "-away")
        self.query_one("#detail").set_class(narrow and not self._panel, "-away")
