"""A grid of thumbnails, each with its name: as many as fit, never scrolled."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message
from textual.widget import Widget

from dejavu_tui.app.gallery import Gallery
from dejavu_tui.app.signs import KIND_SIGNS
from dejavu_tui.app.widgets.picture import Picture
from dejavu_tui.app.widgets.table import KIND_STYLES, MARK_STYLE
from dejavu_tui.records import Kind
from dejavu_tui.text import safe_text

CAPTION = 2
_HERE = "bold on $primary 45%"
LEAST = 4
"""Rows of cells of the smallest pictures."""
_GUTTER = 1


@dataclass(frozen=True)
class Arrangement:
    """How many tiles stand beside and below each other; width of a tile and height of its picture in cells."""

    columns: int
    rows: int
    width: int
    height: int

    @property
    def tiles(self) -> int:
        """How many images are seen at once."""
        return self.columns * self.rows


def arrange(width: int, height: int, *, tile: int) -> Arrangement:
    """Return how to fill `width` x `height` cells with square pictures about `tile` cells wide."""
    rows = max(1, round(height / (tile / 2 + CAPTION)))
    down = max(1, height // rows - CAPTION)
    across = max(1, min(2 * down, width))
    columns = (width + _GUTTER) // (across + _GUTTER)
    return Arrangement(columns, rows, (width + _GUTTER) // columns - _GUTTER, min(down, (across + 1) // 2))


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


class WallTile(Widget):
    """One image: its picture, below it its marks and id, its kind and class."""

    @dataclass
    class Chosen(Message):
        """It was clicked, so many `times` in a row."""

        tile: "WallTile"
        times: int

    def __init__(self, picture: Picture) -> None:
        super().__init__()
        self.picture = picture
        self._shown: Thumbnail | None = None

    def compose(self) -> ComposeResult:
        """The picture; the words below it are the tile's own."""
        yield self.picture

    def on_click(self, event: Click) -> None:
        """Tell of it."""
        self.post_message(self.Chosen(self, event.chain))

    def show(self, thumbnail: Thumbnail | None) -> None:
        """Show an image, or nothing."""
        if self._shown != thumbnail:
            self._shown = thumbnail
            self.picture.ask(thumbnail.path if thumbnail else None)
            self.refresh()

    def render(self) -> Content:
        """The words, below as many empty lines as the picture covers."""
        width, height = self.size
        words = _caption(self._shown, width=width) if self._shown else Content("")
        return Content("\n" * max(height - CAPTION, 0)) + words


class Tiles(Container):
    """The grid. It has as many tiles as ever were needed; those that do not fit now are not displayed."""

    DEFAULT_CSS = f"""
    Tiles {{ layout: grid; grid-gutter: 0 {_GUTTER}; height: 1fr; overflow: hidden; }}
    WallTile {{ height: 100%; width: 100%; layout: vertical; text-wrap: nowrap; }}
    WallTile > Picture {{ margin-bottom: {CAPTION}; }}
    """
    can_focus = True

    @dataclass
    class Arranged(Message):
        """Other tiles are seen by now."""

    @dataclass
    class Wheeled(Message):
        """The wheel was turned, `by` 1 downwards or -1 upwards."""

        by: int

    def __init__(self, gallery: Gallery, pictures: type[Picture], *, tile: int, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._gallery = gallery
        self._pictures = pictures
        self._tile = tile
        self.arrangement = Arrangement(1, 1, 1, 1)

    async def zoom(self, by: int) -> int:
        """Show `by` rows less, down to one, or more, as long as pictures stay LEAST cells high.

        Returns about how many cells wide tiles are from now on.
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

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Tell of it."""
        event.stop()
        self.post_message(self.Wheeled(1))

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Tell of it."""
        event.stop()
        self.post_message(self.Wheeled(-1))

    def show(self, thumbnails: Sequence[Thumbnail]) -> None:
        """Show one page, at most as many as there are tiles."""
        for place, tile in enumerate(self.query(WallTile)):
            thumbnail = thumbnails[place] if place < min(len(thumbnails), self.arrangement.tiles) else None
            tile.show(thumbnail)

    def ahead(self, paths: Sequence[Path]) -> None:
        """Have pictures made that will be asked for soon, the first first."""
        seen = next((tile.picture for tile in self.query(WallTile) if tile.picture.size.area), None)
        if seen is not None:
            self._gallery.prefetch(seen.foresee(path) for path in paths)

    def place_of(self, tile: WallTile) -> int:
        """Return the place of a tile on the page."""
        return list(self.query(WallTile)).index(tile)

    async def _arrange(self) -> None:
        arranged = arrange(self.size.width, self.size.height, tile=self._tile)
        if arranged == self.arrangement or not self.size.area:
            return
        self.arrangement = arranged
        self.styles.grid_size_columns = arranged.columns
        self.styles.grid_columns = str(arranged.width)
        self.styles.grid_rows = str(arranged.height + CAPTION)
        tiles = list(self.query(WallTile))
        missing = [WallTile(self._pictures(self._gallery)) for _ in range(arranged.tiles - len(tiles))]
        if missing:
            await self.mount_all(missing)
        for place, tile in enumerate([*tiles, *missing]):
            tile.display = place < arranged.tiles
        self.post_message(self.Arranged())


def _caption(thumbnail: Thumbnail, *, width: int) -> Content:
    cursor = "▸" if thumbnail.here else " "
    first = Content.assemble(cursor, (thumbnail.sign, MARK_STYLE), str(thumbnail.image_id))
    for tag in thumbnail.tags:
        first += Content.assemble(" ", (f"#{safe_text(tag)}", MARK_STYLE))
    sign = KIND_SIGNS[thumbnail.kind]
    style = KIND_STYLES[thumbnail.kind].replace("dim", "")
    name = safe_text(thumbnail.label_name, limit=max(width - 4, 1))
    second = Content.assemble("  ", (sign, style), f" {name}")
    lines = (line.truncate(max(width, 1), ellipsis=True) for line in (first, second))
    padded = (line.pad_right(max(width - line.cell_length, 0)) for line in lines)
    return Content("\n").join(padded).stylize_before(_HERE if thumbnail.here else "")
