"""What one encoder finds near any picture: public images, and how many of which class."""

from textual.content import Content

from dejavu_tui.app.samples import Answer
from dejavu_tui.app.widgets.answers import AnswerPanel
from dejavu_tui.text import safe_text


class NearestPanel(AnswerPanel):
    """The neighbours of a picture under one encoder; there is no crop of the audit, so nothing is guessed."""

    def _fill(self) -> None:
        super()._fill()
        if self._now is not None:
            self._heading.update(_heading(self._now[0], width=self.size.width), layout=False)


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
