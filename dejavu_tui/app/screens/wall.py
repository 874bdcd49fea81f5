"""The screen on which the listed images hang side by side."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from dejavu_tui.app.acts.selecting import SelectingScreen
from dejavu_tui.app.desk import Desk
from dejavu_tui.app.widgets.filterline import FilterLine
from dejavu_tui.app.widgets.fitted import Fitted
from dejavu_tui.app.widgets.kinds import KindBar
from dejavu_tui.app.widgets.sourceless import Sourceless
from dejavu_tui.app.widgets.tiles import Thumbnail, Tiles
from dejavu_tui.app.words import maplines, twins
from dejavu_tui.records import KINDS

_TILES = "wall tiles"
"""Name under which the width of tiles is kept."""
_DIGITS = 3
_LOW = 18
"""Below so many rows there is no line of kinds."""
_CALM = 0.15
"""Seconds without a move before the pages around this one are made."""


class WallScreen(SelectingScreen):
    """Pages of thumbnails in the order of the listing."""

    NAME = "wall"
    LETTER = "W"
    ORDER = 6
    LEGEND = (
        ("▸ ● ○ #", "the cursor; selected, in the range that is being made, tagged"),
        ("◆ ◇ ▲ ·", ", ".join(KINDS)),
    )
    CSS: ClassVar[str] = """
    WallScreen #wall { margin: 0 1; }
    WallScreen #told { height: 1; padding: 0 1; }
    WallScreen.-low KindBar, WallScreen.-empty #wall, WallScreen.-empty #told { display: none; }
    WallScreen.-empty #empty { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "enter", "Open", id="wall_enter", tooltip="Browse at this image"),
        Binding("plus", "size(1)", "Larger", key_display="+", show=False, id="wall_larger",
                tooltip="Fewer, larger pictures"),
        Binding("underscore", "size(-1)", "Smaller", key_display="_", show=False, id="wall_smaller",
                tooltip="More, smaller pictures"),
        Binding("left,h", "move(-1, 0)", "Left", show=False, key_display="←", id="wall_left",
                tooltip="The image before; h too"),
        Binding("right,l", "move(1, 0)", "Right", show=False, key_display="→", id="wall_right",
                tooltip="The next image; l too"),
        Binding("up,k", "move(0, -1)", "Up", show=False, key_display="↑", id="wall_up",
                tooltip="The image above; k too"),
        Binding("down,j", "move(0, 1)", "Down", show=False, key_display="↓", id="wall_down",
                tooltip="The image below; j too"),
        Binding("pageup", "page(-1)", "Page before", show=False, id="wall_page_before",
                tooltip="The page before"),
        Binding("pagedown", "page(1)", "Next page", show=False, id="wall_page_after", tooltip="The next page"),
        Binding("less_than_sign,home", "end(False)", "First", show=False, key_display="<", id="wall_first",
                tooltip="The first image"),
        Binding("greater_than_sign,end", "end(True)", "Last", show=False, key_display=">", id="wall_last",
                tooltip="The last image"),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._calm: Timer | None = None

    @property
    def home(self) -> Widget:
        """The grid."""
        return self.tiles

    @property
    def tiles(self) -> Tiles:
        """The grid."""
        return self.query_one(Tiles)

    @property
    def row(self) -> int:
        """Place in the listing of the image under the cursor."""
        return self.desk.row or 0

    @property
    def first(self) -> int:
        """Place in the listing of the first image of the page."""
        seen = self.tiles.arrangement.tiles
        return self.row // seen * seen

    def body(self) -> ComposeResult:
        """Lines of state, grid, and the image under the cursor in words."""
        yield FilterLine(self.take)
        yield KindBar()
        yield Sourceless()
        yield Static(id="empty")
        kept = self.desk.kept.get(_TILES, "")
        tile = int(kept) if kept.isdecimal() and len(kept) <= _DIGITS else None
        yield Tiles(self.desk.gallery, self.desk.pictures, tile=tile, id="wall")
        yield Fitted(id="told")

    def on_mount(self) -> None:
        """Give the grid the keyboard."""
        self.home.focus()

    def draw(self) -> None:
        """Hang the page that holds the image that is looked at; if it is not listed, the first."""
        desk = self.desk
        self.query_one(Sourceless).show(desk.view)
        self.set_class(not len(desk.places), "-empty")
        if not len(desk.places):
            self.query_one("#empty", Static).update(self.nothing())
            return
        if desk.row is None:
            desk.image_id = int(desk.listed[0])
        self.remark()

    def twin(self) -> Sequence[str]:
        """Return the command that lists the same images in the same order."""
        return twins.listed(self.desk, self.desk.listing, number=len(self.desk.listed))

    def resized(self) -> None:
        """Write the lines that depend on the width."""
        self.set_class(self.size.height < _LOW, "-low")
        super().resized()

    def on_tiles_arranged(self) -> None:
        """There are other places for pictures."""
        if len(self.desk.places):
            self.remark()

    def on_tiles_wheeled(self, event: Tiles.Wheeled) -> None:
        """The wheel turns pages."""
        self.action_page(event.by)

    async def on_tiles_chosen(self, event: Tiles.Chosen) -> None:
        """A click moves the cursor; two are as good as the key."""
        self._go(self.first + event.place)
        if event.times > 1:
            await self.action_enter()

    def go_on(self) -> None:
        """The next image."""
        self._go(self.row + 1)

    def remark(self) -> None:
        """Show the page as it is now, and make its neighbours when the cursor has come to rest."""
        self.tiles.show(self._page())
        self._tell_of_image()
        if self._calm is not None:
            self._calm.stop()
        self._calm = self.set_timer(_CALM, self._look_ahead)

    def action_move(self, columns: int, rows: int) -> None:
        """Move the cursor; beyond the edge of the page, to another page."""
        self._go(self.row + columns + rows * self.tiles.arrangement.columns)

    def action_page(self, by: int) -> None:
        """Turn the page."""
        self._go(self.row + by * self.tiles.arrangement.tiles)

    def action_end(self, last: bool) -> None:
        """Go to the first image or the last."""
        self._go(len(self.desk.listed) if last else 0)

    async def action_size(self, by: int) -> None:
        """Make pictures larger or smaller."""
        tile = await self.tiles.zoom(by)
        if tile is not None:
            self.desk.kept[_TILES] = str(tile)

    async def action_enter(self) -> None:
        """Browse at this image; when images are picked, take the selected ones, or this one."""
        if self.desk.picking:
            self.app.exit(self.chosen())
        elif len(self.desk.listed):
            await self.run_action("app.go('browse')")

    def _go(self, row: int) -> None:
        desk = self.desk
        if not len(desk.listed):
            return
        desk.image_id = int(desk.listed[min(max(row, 0), len(desk.listed) - 1)])
        self.moved()
        self.remark()

    def _page(self) -> list[Thumbnail]:
        desk, first = self.desk, self.first
        shown = desk.places[first : first + self.tiles.arrangement.tiles]
        columns = desk.view.samples.select("image_id", "path", "label_name", "kind")
        between = self.between
        return [
            Thumbnail(
                image_id,
                desk.view.source / path,
                name,
                kind,
                sign="●" if image_id in desk.selected else "○" if row in between else " ",
                tags=tuple(sorted(desk.tags.get(image_id, ()))),
                here=image_id == desk.image_id,
            )
            for row, (image_id, path, name, kind) in enumerate(columns[shown].iter_rows(), start=first)
        ]

    def _look_ahead(self) -> None:
        """Have the next page made, then the one before."""
        desk, first, seen = self.desk, self.first, self.tiles.arrangement.tiles
        near = [desk.places[first + seen : first + 2 * seen], desk.places[max(first - seen, 0) : first]]
        paths = desk.view.samples["path"]
        self.tiles.ahead([desk.view.source / path for places in near for path in paths[places]])

    def _tell_of_image(self) -> None:
        desk = self.desk
        row = desk.row
        if row is None:
            return
        seen = self.tiles.arrangement.tiles
        pages = Content(f"  page {row // seen + 1:,} of {-(-len(desk.listed) // seen):,}")
        sample = desk.view.samples.row(int(desk.places[row]), named=True)

        def told(width: int) -> Content:
            near = maplines.near(sample, 0, width=width - pages.cell_length)
            return Content.assemble(near, " " * max(width - near.cell_length - pages.cell_length, 0), pages)

        self.query_one("#told", Fitted).write(told)


SCREEN = WallScreen
