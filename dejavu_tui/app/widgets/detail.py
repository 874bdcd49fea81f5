"""One image beside what the two encoders answer."""

from functools import partial
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from dejavu_tui.app.pixels.gallery import Gallery, Wanted
from dejavu_tui.app.pixels.outlines import outlines
from dejavu_tui.app.pixels.raster import Mark
from dejavu_tui.app.samples import Box, Sample
from dejavu_tui.app.widgets.answers import AnswerPanel
from dejavu_tui.app.widgets.fitted import Fitted
from dejavu_tui.app.widgets.picture import Picture
from dejavu_tui.app.words import lines


class Detail(Horizontal):
    """The image with boxes and crop at the left, the answers of target and reference beside it."""

    def __init__(self, gallery: Gallery, pictures: type[Picture], *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._gallery = gallery
        self._pictures = pictures
        self._now: tuple[Sample, Path, frozenset[str]] | None = None
        self._first = 0
        self._only_crop = False

    def compose(self) -> ComposeResult:
        """Three columns."""
        with Vertical(id="own"):
            yield Fitted(id="facts")
            yield self._pictures(self._gallery, id="picture")
            yield Fitted(id="path")
        yield AnswerPanel(self._gallery, self._pictures, id="target")
        yield AnswerPanel(self._gallery, self._pictures, id="reference")

    def show(self, sample: Sample, *, source: Path, tags: frozenset[str]) -> None:
        """Show `sample`, its files below the folder `source`; of another image, the nearest neighbours first."""
        if self._now is None or self._now[0].image_id != sample.image_id:
            self._first = 0
        self._now = sample, source, tags
        self.draw()

    def page(self, by: int) -> None:
        """Show nearer or farther neighbours."""
        if self._now is not None:
            seen = self.query_one("#target", AnswerPanel).arrangement.tiles
            last = max(len(self._now[0].target.neighbours) - 1, 0) // seen * seen
            self._first = min(max(self._first // seen * seen + by * seen, 0), last)
            self.draw()

    def switch(self) -> None:
        """Show only the crop, or all of the image."""
        self._only_crop = not self._only_crop
        self.draw()

    def draw(self) -> None:
        """Write all anew."""
        if self._now is None:
            return
        sample, source, tags = self._now
        marks, only = self._drawn_on(sample)
        picture = self.query_one("#picture", Picture)
        picture.ask(source / sample.path, marks=marks, only=only)
        facts = partial(lines.facts, sample, only_crop=self._only_crop, tags=tags)
        self.query_one("#facts", Fitted).write(lambda width: facts(width=width))
        self.query_one("#path", Fitted).write(lambda width: lines.path(sample, width=width))
        target, reference = sample.target, sample.reference
        for answer, other in ((target, reference), (reference, target)):
            panel = self.query_one(f"#{answer.role}", AnswerPanel)
            panel.show(answer, source=source, first=self._first, other=other)

    def ahead(self, sample: Sample, *, source: Path) -> list[Wanted]:
        """Return the pictures that showing `sample` would want."""
        own = self.query_one("#picture", Picture)
        wanted = [Wanted(source / sample.path, own.into(), *self._drawn_on(sample))] if own.size.area else []
        for answer in (sample.target, sample.reference):
            places = self.query_one(f"#{answer.role}", AnswerPanel).pictures
            wanted += [
                Wanted(source / neighbour.path, place.into())
                for place, neighbour in zip(places, answer.neighbours, strict=False)
                if place.size.area
            ]
        return wanted

    def _drawn_on(self, sample: Sample) -> tuple[tuple[Mark, ...], Box | None]:
        """Return the outlines that are drawn on the image, and the part of it that alone is shown."""
        if self._only_crop:
            return (), sample.crop
        return outlines(sample), None
