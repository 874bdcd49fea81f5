"""What the encoders find near any picture: public images, and how many of which class."""

from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content

from dejavu_tui.app.pixels.gallery import Gallery
from dejavu_tui.app.samples import Answer
from dejavu_tui.app.widgets.answers import AnswerPanel
from dejavu_tui.app.widgets.picture import Picture
from dejavu_tui.text import safe_text


class NearestPanel(AnswerPanel):
    """The neighbours of a picture under one encoder; there is no crop of the audit, so nothing is guessed."""

    def heading(self, answer: Answer, width: int) -> Content:
        """Which encoder, whether it was trained on the image, and the class most neighbours are of."""
        return _heading(answer, width=width)


class NearestPair(Horizontal):
    """What SSL_A and SSL_B find, side by side."""

    DEFAULT_CSS = "NearestPair { width: 1fr; }"

    def __init__(self, gallery: Gallery, pictures: type[Picture], *, ids: tuple[str, str]) -> None:
        super().__init__()
        self._panels = [NearestPanel(gallery, pictures, id=id) for id in ids]  # noqa: A001
        self._first = 0

    def compose(self) -> ComposeResult:
        """Two columns."""
        yield from self._panels

    def show(self, answers: tuple[Answer, Answer], *, source: Path) -> None:
        """Show what was found, the files below the folder `source`."""
        for panel, answer, other in zip(self._panels, answers, reversed(answers), strict=True):
            panel.show(answer, source=source, first=self._first, other=other)

    def page(self, by: int, *, k: int) -> None:
        """Show nearer or farther of the `k` neighbours at the next `show`; 0: the nearest."""
        seen = self._panels[0].arrangement.tiles
        last = max(k - 1, 0) // seen * seen
        self._first = min(max(self._first // seen * seen + by * seen, 0), last) if by else 0


def _heading(answer: Answer, *, width: int) -> Content:
    saw = "trained on this image" if width >= len("SSL_A  trained on this image") else "saw it"
    first = Content.assemble(
        (f"SSL_{answer.trained_on}", "bold"), (f"  {saw}" if answer.saw_it else "", "$text-warning")
    )
    lines = [first]
    for vote in answer.votes[:1]:
        counted = f"  {vote.number}/{len(answer.neighbours)}"
        name = safe_text(vote.label_name, limit=max(width - len(counted) - 6, 4))
        sign, style = ("✓ ", "bold $text-success") if vote.match else ("", "bold")
        lines.append(Content.assemble(("most ", "$text-muted"), (sign + name, style), counted))
    return Content("\n").join(line.truncate(max(width, 1), ellipsis=True) for line in lines)
