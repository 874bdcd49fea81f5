"""A grid of thumbnails, each with its name: as many as fit, never scrolled."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from rich.segment import Segment
from rich.text import Text
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from dejavu_tui.app.pixels.gallery import Gallery
from dejavu_tui.app.widgets.arrangement import Arrangement
from dejavu_tui.app.widgets.picture import Picture
from dejavu_tui.app.widgets.table import KIND_STYLES, MARK_STYLE
from dejavu_tui.app.words.signs import KIND_SIGNS
from dejavu_tui.records import Kind
from dejavu_tui.text import safe_text

CAPTION = 2
LEAST = 4
"""Rows of cells of the smallest pictures."""
_TILE = 18
"""Cells across of pictures in a large window."""
_GUTTER = 1


def arrange(width: int, height: int, *, tile: int) -> Arrangement:
    """Return how to fill `width` x `height` cells with square pictures about `tile` cells wide."""
    rows = max(1, round(height / (tile / 2 + CAPTION)))
    down = max(1, height // rows - CAPTION)
    across = max(1, min(2 * down, width))
    columns = (width + _GUTTER) // (across + _GUTTER)
    return Arrangement(columns, rows, (width + _GUTTER) // columns - _GUTTER, min(down, (across + 1) // 2))


def suiting(height: int) -> int:
    """Return how wide tiles are in a window of `height` rows unless the user says: two rows where that can be."""
    return min(max(height - 2 * CAPTION, 2 * LEAST), _TILE)


@dataclass(frozen=True)
class Thumbnail:
    """An image as its tile shows it; `sign`: ● selected, ○ in the range that is being made, or a blank."""

    image_id: int
    path: Path
    label_name: str
    kind: Kind
    sign: str = " "
    tags: tuple[str, ...] = ()
    here: bool = False
    """Whether the cursor is on it."""


class Tiles(Widget):
    """The grid: a picture in each place, below it marks and id, then kind and class.

    It has as many pictures as ever were needed; those that do not fit now are not displayed.
    """

    DEFAULT_CSS = f"""
    Tiles {{ layout: grid; grid-gutter: 0 {_GUTTER}; height: 1fr; overflow: hidden; }}
    Tiles > Picture {{ margin-bottom: {CAPTION}; height: 100%; width: 100%; }}
    Tiles > .tiles--here {{ background: $primary 45%; color: $text; text-style: bold; }}
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tiles--here"}
    can_focus = True

    @dataclass
    class Arranged(Message):
        """There are other places by now."""

    @dataclass
    class Chosen(Message):
        """The image at `place` of the page was clicked, so many `times` in a row."""

        place: int
        times: int

    @dataclass
    class Wheeled(Message):
        """The wheel was turned, `by` 1 downwards or -1 upwards."""

        by: int

    def __init__(
        self,
        gallery: Gallery,
        pictures: type[Picture],
        *,
        tile: int | None,
        id: str,  # noqa: A002
    ) -> None:
        """`tile`: about how many cells wide tiles are; None: as wide as suits the window."""
        super().__init__(id=id)
        self._gallery = gallery
        self._kind_of_picture = pictures
        self._tile = tile
        self.pictures: list[Picture] = []
        self.thumbnails: tuple[Thumbnail, ...] = ()
        """What is seen, in order."""
        self.arrangement = Arrangement(1, 1, 1, 1)

    async def zoom(self, by: int) -> int | None:
        """Show `by` rows less, down to one, or more, as long as pictures stay LEAST cells high.

        Returns about how many cells wide tiles are from now on; None: as wide as suits the window.
        """
        rows = max(self.arrangement.rows - by, 1)
        tile = 2 * (self.size.height // rows - CAPTION)
        if tile >= 2 * LEAST:
            self._tile = tile
            await self._arrange()
        return self._tile

    async def on_resize(self) -> None:
        """Fill another size."""
        await self._arrange()

    def on_click(self, event: Click) -> None:
        """Tell which image it was."""
        x, y = event.screen_x - self.region.x, event.screen_y - self.region.y
        arranged = self.arrangement
        column, row = x // (arranged.width + _GUTTER), y // (arranged.height + CAPTION)
        place = row * arranged.columns + column
        if column < arranged.columns and place < len(self.thumbnails):
            self.post_message(self.Chosen(place, event.chain))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Tell of it."""
        event.stop()
        self.post_message(self.Wheeled(1))

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Tell of it."""
        event.stop()
        self.post_message(self.Wheeled(-1))

    def show(self, thumbnails: Sequence[Thumbnail]) -> None:
        """Show one page, at most as many as there are places: all words at once, pictures row by row."""
        former, self.thumbnails = self.thumbnails, tuple(thumbnails[: self.arrangement.tiles])
        for place in range(max(len(former), len(self.thumbnails))):
            was, now = (page[place] if place < len(page) else None for page in (former, self.thumbnails))
            if was != now:
                self.refresh(self._below(place))
        self._ask(0)

    def ahead(self, paths: Sequence[Path]) -> None:
        """Have pictures made that will be asked for soon, the first first."""
        if self.pictures and self.pictures[0].size.area:
            self._gallery.prefetch(self.pictures[0].foresee(path) for path in paths)

    def render_line(self, y: int) -> Strip:
        """One line of words; where pictures are, nothing."""
        arranged = self.arrangement
        row, line = divmod(y, arranged.height + CAPTION)
        style = self.visual_style.rich_style
        segments: list[Segment] = []
        if line >= arranged.height:
            first = row * arranged.columns
            for thumbnail in self.thumbnails[first : first + arranged.columns]:
                words = _caption(thumbnail, line - arranged.height, width=arranged.width)
                if thumbnail.here:
                    words.stylize_before(self.get_component_rich_style("tiles--here"))
                segments += [*words.render(self.app.console), Segment(" " * _GUTTER)]
        return Strip(Segment.apply_style(segments, style)).adjust_cell_length(self.size.width, style)

    def _ask(self, row: int) -> None:
        """Ask for the pictures of `row`, and when they are painted for those of the next."""
        columns = self.arrangement.columns
        for place, picture in enumerate(self.pictures[row * columns : (row + 1) * columns], start=row * columns):
            picture.ask(self.thumbnails[place].path if place < len(self.thumbnails) else None)
        if row + 1 < self.arrangement.rows:
            self.call_after_refresh(self._ask, row + 1)

    def _below(self, place: int) -> Region:
        arranged = self.arrangement
        row, column = divmod(place, arranged.columns)
        down = row * (arranged.height + CAPTION) + arranged.height
        return Region(column * (arranged.width + _GUTTER), down, arranged.width, CAPTION)

    async def _arrange(self) -> None:
        width, height = self.size
        arranged = arrange(width, height, tile=self._tile or suiting(height))
        if arranged == self.arrangement or not self.size.area:
            return
        self.arrangement = arranged
        self.styles.grid_size_columns = arranged.columns
        self.styles.grid_columns = str(arranged.width)
        self.styles.grid_rows = str(arranged.height + CAPTION)
        missing = [self._kind_of_picture(self._gallery) for _ in range(arranged.tiles - len(self.pictures))]
        if missing:
            await self.mount_all(missing)
            self.pictures += missing
        for place, picture in enumerate(self.pictures):
            picture.display = place < arranged.tiles
        self.refresh()
        self.post_message(self.Arranged())


def _caption(thumbnail: Thumbnail, line: int, *, width: int) -> Text:
    """Return one of the CAPTION lines below a picture, `width` cells."""
    if not line:
        words = Text("▸" if thumbnail.here else " ", end="", no_wrap=True)
        words.append(thumbnail.sign, MARK_STYLE).append(str(thumbnail.image_id))
        for tag in thumbnail.tags:
            words.append(" ").append(f"#{safe_text(tag)}", MARK_STYLE)
    else:
        words = Text("  ", end="", no_wrap=True)
        words.append(KIND_SIGNS[thumbnail.kind], KIND_STYLES[thumbnail.kind])
        words.append(f" {safe_text(thumbnail.label_name)}")
    words.truncate(max(width, 1), overflow="ellipsis", pad=True)
    return words
