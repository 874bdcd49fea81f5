"""What screens on one image do with it, or with those that are selected: tag, take out."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from dejavu_tui.app.acts.exporting import Exporter
from dejavu_tui.app.acts.tagging import Tagger
from dejavu_tui.app.desk import Desk
from dejavu_tui.app.dialogs.prompts import Ask, Choose
from dejavu_tui.app.tabscreen import TabScreen
from dejavu_tui.app.words import lines
from dejavu_tui.errors import RequestError
from dejavu_tui.listing.tags import checked_tag


class HandlingScreen(TabScreen):
    """A screen on `desk.image_id`; it shows `desk.selected`, and draws `desk.tags` if it shows tags."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "unselect", "Unselect", show=False, id="unselect", tooltip="Select nothing"),
        Binding("t", "tag", "Tag", id="tag", tooltip="Tag the selected images, or this one"),
        Binding("T", "untag", "Untag", show=False, id="untag", tooltip="Take a tag from them"),
        Binding("z", "undo", "Undo", show=False, id="undo", tooltip="Undo the last tagging"),
        Binding("x", "export", "Export", show=False, id="export",
                tooltip="Write them as a table, a list, a sheet or links"),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)

        def say(text: str, bad: bool) -> None:
            self.say(text, bad=bad)

        self._tagger = Tagger(desk, self.errands, changed=self.changed, say=say)
        self._exporter = Exporter(desk, self.errands, told=self.tell, say=say)

    def on_screen_resume(self) -> None:
        """Read the tags: other screens and other processes tag too."""
        self._tagger.read()

    def chosen(self) -> tuple[int, ...]:
        """Return the ids that are meant: of the selected images; none: this one."""
        if self.desk.selected or self.desk.image_id is None:
            return tuple(self.desk.selected)
        return (self.desk.image_id,)

    def action_unselect(self) -> None:
        """Select nothing."""
        self.desk.select(list(self.desk.selected), on=False)
        self.changed()

    def action_tag(self) -> None:
        """Ask for a tag and give it to the chosen images."""
        image_ids = self.chosen()

        def refuse(typed: str) -> str | None:
            try:
                checked_tag(typed.strip())
            except RequestError as error:
                return f"{error.what}; {error.fix}"
            return None

        def named(typed: str | None) -> None:
            if typed is not None:
                self._tagger.tag(image_ids, tag=typed.strip())

        if image_ids:
            question = f"Tag {lines.images(len(image_ids))} with which word?"
            self.app.push_screen(Ask(question, known=tuple(self._tagger.known), refuse=refuse), named)

    def action_untag(self) -> None:
        """Ask which tag is taken from the chosen images."""
        image_ids = self.chosen()
        tags = self._tagger.of(image_ids)

        def chosen(place: int | None) -> None:
            if place is not None:
                self._tagger.untag(image_ids, tag=list(tags)[place])

        if tags:
            question = f"Take which tag from {lines.images(len(image_ids))}?"
            options = [lines.option(tag, number, most=len(image_ids)) for tag, number in tags.items()]
            self.app.push_screen(Choose(question, options), chosen)
        else:
            self.say(f"No tag on {lines.images(len(image_ids))}.")

    def action_undo(self) -> None:
        """Undo the last tagging, wherever it was done."""
        self._tagger.undo()

    def action_export(self) -> None:
        """Ask as what and where the chosen images are written."""
        image_ids = self.chosen()
        if image_ids:
            self._exporter.ask(self.app, image_ids)
