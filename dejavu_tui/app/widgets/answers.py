"""What one encoder answers: its guess, its nearest public images as pictures, and how they vote."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content

from dejavu_tui.app.pixels.gallery import Gallery
from dejavu_tui.app.samples import Answer, Neighbour
from dejavu_tui.app.widgets.arrangement import Arrangement
from dejavu_tui.app.widgets.fitted import Fitted
from dejavu_tui.app.widgets.picture import Picture
from dejavu_tui.text import safe_text

HEADING = 2
CAPTION = 2
BOTH = "both", "="
"""Said of a neighbour that both encoders have found, as room allows."""
BOTH_LEGEND = "  ".join(BOTH), "under a neighbour: the other encoder has found it too"
_TWO, _THREE = 20, 45
"""Widths from which on two and three pictures stand beside each other."""
_MOST_ROWS = 4
_WIDE = 44
"""Width from which on there is room for whole words."""


def arrange(width: int, height: int) -> Arrangement:
    """Return how to fill `width` x `height` cells: square pictures, two or three beside each other."""
    columns = 1 if width < _TWO else 2 if width < _THREE else 3 + width // 90
    tile = (width + 1) // columns - 1
    tall = max(1, min((tile + 1) // 2, height - CAPTION))
    tile = max(min(tile, 2 * tall), min(tile, 8))
    columns = max(1, (width + 1) // (tile + 1))
    rows = max(1, height // (tall + CAPTION))
    return Arrangement(columns, min(rows, _MOST_ROWS), tile, tall)


class Tile(Vertical):
    """A neighbour: its picture, its class and whether that is the true one, its distance."""

    def __init__(self, picture: Picture) -> None:
        super().__init__()
        self.picture = picture
        self.caption = Fitted(classes="caption")

    def compose(self) -> ComposeResult:
        """Picture above, words below."""
        yield self.picture
        yield self.caption

    def show(self, path: Path | None, caption: Callable[[int], Content]) -> None:
        """Show the picture at `path`, or none, and below it `caption` of the width in cells."""
        self.picture.ask(path)
        self.caption.write(caption)


class AnswerPanel(Vertical):
    """The answer of one encoder."""

    def __init__(self, gallery: Gallery, pictures: type[Picture], *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._gallery = gallery
        self._pictures = pictures
        self._heading = Fitted(classes="heading")
        self._tiles = Container(classes="tiles")
        self._votes = Fitted(classes="votes")
        self._now: tuple[Answer, Path, int] | None = None
        self._other: Answer | None = None
        self.arrangement = Arrangement(1, 1, 1, 1)

    def compose(self) -> ComposeResult:
        """Heading, pictures, votes."""
        yield self._heading
        yield self._tiles
        yield self._votes

    @property
    def pictures(self) -> list[Picture]:
        """The places of the neighbours' pictures."""
        return [tile.picture for tile in self._tiles.query(Tile) if tile.display]

    def show(self, answer: Answer, *, source: Path, first: int, other: Answer | None = None) -> None:
        """Show `answer`, its neighbours from place `first` on.

        Those that the `other` encoder has found too are marked, and its votes set the scale as these do.
        """
        self._now = answer, source, first
        self._other = other
        self._fill()

    def heading(self, answer: Answer, width: int) -> Content:
        """What stands above the pictures, in HEADING lines of `width` cells."""
        return _heading(answer, width=width)

    def caption(self, neighbour: Neighbour, width: int, *, both: bool) -> Content:
        """What stands below a picture, in CAPTION lines; `both`: the other encoder has found it too."""
        return _caption(neighbour, width=width, both=both)

    async def on_resize(self) -> None:
        """Arrange the pictures for another size."""
        self.arrangement = arranged = arrange(self.size.width, self.size.height - HEADING)
        styles = self._tiles.styles
        styles.grid_size_columns = arranged.columns
        styles.grid_columns = str(arranged.width)
        styles.grid_rows = str(arranged.height + CAPTION)
        styles.height = arranged.rows * (arranged.height + CAPTION)
        tiles = list(self._tiles.query(Tile))
        missing = [Tile(self._pictures(self._gallery)) for _ in range(arranged.tiles - len(tiles))]
        if missing:
            await self._tiles.mount_all(missing)
        for place, tile in enumerate([*tiles, *missing]):
            tile.display = place < arranged.tiles
        self._fill()

    def _fill(self) -> None:
        if self._now is None:
            return
        answer, source, first = self._now
        self._heading.write(partial(self.heading, answer))
        seen = answer.neighbours[first : first + self.arrangement.tiles]
        others = {neighbour.image_id for neighbour in self._other.neighbours} if self._other else set()
        for place, tile in enumerate(self._tiles.query(Tile)):
            if place < len(seen):
                both = seen[place].image_id in others
                tile.show(source / seen[place].path, partial(self.caption, seen[place], both=both))
            else:
                tile.show(None, lambda _: Content(""))
        room = self.size.height - HEADING - self.arrangement.rows * (self.arrangement.height + CAPTION)
        most = max((vote.number for one in (answer, self._other) if one for vote in one.votes), default=1)
        self._votes.write(lambda width: _votes(answer, width=width, lines=room, most=most))


def _heading(answer: Answer, *, width: int) -> Content:
    if width < _WIDE:
        saw = "saw it" if answer.saw_it else "unseen"
    else:
        saw = "trained on this image" if answer.saw_it else "never saw this image"
    role = Content.assemble((f"{answer.role} SSL_{answer.trained_on}", "bold"), (f"  {saw}", "$text-muted"))
    lines = role, _guess(answer, width=width)
    return Content("\n").join(line.truncate(max(width, 1), ellipsis=True) for line in lines)


def _guess(answer: Answer, *, width: int) -> Content:
    if answer.guess is None:
        return Content.styled("near the whole image", "italic")
    number = sum(vote.number for vote in answer.votes if vote.label_name == answer.guess)
    sign, style = ("✓", "bold $text-success") if answer.hit else ("✗", "bold $text-error")
    digits = 3 if width >= _WIDE else 2
    counted = f"  {number}/{len(answer.neighbours)}  {answer.confidence + 0.0:.{digits}f}"
    name = safe_text(answer.guess, limit=max(width - len(counted) - 2, 6))
    return Content.assemble((f"{sign} {name}", style), counted)


def _caption(neighbour: Neighbour, *, width: int, both: bool) -> Content:
    name = safe_text(neighbour.label_name, limit=max(width - 2, 1))
    sign, style = ("✓ ", "bold $text-success") if neighbour.match else ("  ", "")
    below = f"{neighbour.rank:>2} {neighbour.distance:.3f}"
    shared = next((word for word in BOTH if both and len(below) + 1 + len(word) <= width), "")
    return Content.assemble(
        (sign + name, style), (f"\n{below[:width]}", "$text-muted"), (f" {shared}", "bold $text-warning")
    )


def _votes(answer: Answer, *, width: int, lines: int, most: int) -> Content:
    if lines < 2 or width < 20:
        return Content("")
    named = min(14, width // 3)
    bar = min(width - named - 6, 30)
    rows = [
        Content.assemble(
            ("✓ " if vote.match else "  ", "bold $text-success"),
            f"{safe_text(vote.label_name, limit=named):<{named}} ",
            ("▇" * max(1, round(bar * vote.number / most)), "$text-success" if vote.match else "$foreground 40%"),
            f" {vote.number}",
        )
        for vote in answer.votes[: lines - 1]
    ]
    return Content("\n") + Content("\n").join(rows)
