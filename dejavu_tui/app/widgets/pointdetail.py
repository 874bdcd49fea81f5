"""The image of a course beside what both encoders answer at one of its points."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from dejavu_tui.app.course import ROLES, Course
from dejavu_tui.app.pixels.gallery import Gallery
from dejavu_tui.app.pixels.outlines import outlines
from dejavu_tui.app.samples import sample_of
from dejavu_tui.app.widgets.fitted import Fitted
from dejavu_tui.app.widgets.picture import Picture
from dejavu_tui.app.widgets.pointpanel import PointPanel
from dejavu_tui.app.words.comparing import legend
from dejavu_tui.workflows.browse import BrowseView


class PointDetail(Horizontal):
    """The image at the left, the answers of target and reference beside it; nothing where nothing is stored."""

    def __init__(self, gallery: Gallery, pictures: type[Picture], *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._gallery = gallery
        self._pictures = pictures
        self._image_id: int | None = None
        self._first = 0

    def compose(self) -> ComposeResult:
        """Three columns."""
        with Vertical(id="mine"):
            yield self._pictures(self._gallery, id="its_picture")
            yield Fitted(id="legend")
        for role in ROLES:
            yield PointPanel(self._gallery, self._pictures, id=role)

    def page(self, by: int, *, k: int) -> None:
        """Show nearer or farther of the `k` neighbours at the next `show`."""
        seen = self.query_one("#target", PointPanel).arrangement.tiles
        last = max(k - 1, 0) // seen * seen
        self._first = min(max(self._first // seen * seen + by * seen, 0), last)

    def show(self, view: BrowseView, line: Course, place: int) -> None:
        """Show the station of `line` at `place`; `view` tells of its images."""
        row = line.stations[place].row
        self.set_class(row is None, "-blank")
        if row is None:
            return
        if line.found.image_id != self._image_id:
            self._image_id, self._first = line.found.image_id, 0
        sample = sample_of(view, row)
        picture = self.query_one("#its_picture", Picture)
        picture.ask(view.source / sample.path, marks=outlines(sample))
        self.query_one("#legend", Fitted).write(lambda width: legend(line, place, sample, width=width))
        both = sample.target, sample.reference
        for role, answer, other in zip(ROLES, both, reversed(both), strict=True):
            panel = self.query_one(f"#{role}", PointPanel)
            panel.compare(answer, source=view.source, first=self._first, other=other, new=line.new(place, role))
