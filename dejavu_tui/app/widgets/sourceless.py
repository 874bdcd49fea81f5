"""Why no picture is seen: a line that stays as long as that is so."""

from textual.content import Content

from dejavu_tui.app.widgets.fitted import Fitted
from dejavu_tui.app.words.names import message
from dejavu_tui.workflows.browse import BrowseView

_LINES = 2


class Sourceless(Fitted):
    """Shows nothing while the folder of the images is there."""

    DEFAULT_CSS = f"""
    Sourceless {{ display: none; height: {_LINES}; padding: 0 1; color: $text-warning; }}
    Sourceless.-said {{ display: block; }}
    """

    def show(self, view: BrowseView) -> None:
        """Say what is missing, and what to do."""
        why = view.source_missing
        self.set_class(why is not None, "-said")
        if why is not None:
            self.write(lambda width: Content(message(f"No pictures: {why}", width, lines=_LINES)))
