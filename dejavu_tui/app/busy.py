"""What is being done meanwhile, said above by whichever screen is in front."""

from dejavu_tui.app.tabscreen import TabScreen


def say_busy(screen: TabScreen, text: str) -> None:
    """Say that `text` is being done; empty: nothing any more."""
    screen.desk.busy = text
    front = screen.app.screen_stack[0]
    if isinstance(front, TabScreen):
        front.tell()
