"""What an audit lacks, and the command that makes what is under the cursor."""

from collections.abc import Sequence
from typing import cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from dejavu_tui.app.widgets.ledger import Column, Ledger
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.lacking import Lack

_HEADINGS = ("what is missing; tab, then enter copies the command", "missing; tab, enter: copy command")
_COLUMNS = (Column[Lack]("what", _HEADINGS, 0, lambda lack, _: Content(safe_text(lack.what))),)


class LackPanel(Vertical):
    """A list, and a line for the command."""

    DEFAULT_CSS = """
    LackPanel { height: auto; border-top: solid $surface-lighten-2; }
    LackPanel .command { height: auto; max-height: 3; padding: 0 1; }
    """

    def compose(self) -> ComposeResult:
        """List above command."""
        yield Ledger(_COLUMNS, id="missing")
        yield Static(classes="command")

    @property
    def ledger(self) -> Ledger[Lack]:
        """The list."""
        return cast("Ledger[Lack]", self.query_one(Ledger))

    @property
    def command(self) -> str:
        """The command under the cursor; empty: none makes this."""
        lack = self.ledger.row
        return lack.command if lack else ""

    def show(self, lacks: Sequence[Lack]) -> None:
        """List `lacks`, the cursor where it was."""
        self.ledger.show(lacks, cursor=self.ledger.cursor)
        self.ledger.display = bool(lacks)
        self._tell()

    def on_ledger_moved(self, event: Ledger.Moved) -> None:
        """Show another command."""
        event.stop()
        self._tell()

    def _tell(self) -> None:
        if not self.ledger.rows:
            shown = Content.styled("Nothing is missing.", "$text-muted")
        elif self.command:
            shown = Content.assemble(("$ ", "$text-accent"), safe_text(self.command))
        else:
            shown = Content.styled("There is no command for this.", "$text-muted")
        self.query_one(".command", Static).update(shown)
