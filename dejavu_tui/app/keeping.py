"""Which image stays in front when another snapshot lies on the desk."""

from dejavu_tui.app.desk import Desk
from dejavu_tui.workflows.browse import BrowseView


class Keeper:
    """Finds the image again at each snapshot, also after one at which it was not listed."""

    def __init__(self) -> None:
        self._view: BrowseView | None = None
        self._lost: tuple[int, int] | None = None

    def follow(self, desk: Desk) -> str | None:
        """Put the image in front on the desk; where it is not listed, the first that is; say what became of it.

        Nothing happens while the snapshot is the one of the last call.
        """
        former, self._view = self._view, desk.view
        if former is None or former is desk.view or desk.image_id is None:
            return None
        keep = desk.image_id
        if self._lost is not None and self._lost[1] == keep:
            keep = self._lost[0]
        self._lost = None
        desk.image_id = keep
        if desk.row is not None or not len(desk.listed):
            return None
        desk.image_id = int(desk.listed[0])
        self._lost = keep, desk.image_id
        found = desk.view.samples.filter(image_id=keep)["kind"]
        kind = f"is {found[0]}" if len(found) else "is not attacked"
        return f"Image {keep} {kind} at epoch {desk.view.epoch}; a lists all kinds."
