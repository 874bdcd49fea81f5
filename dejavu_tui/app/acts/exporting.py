"""Images taken out of the audit: the user says as what and where to, a thread writes."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from textual.app import App
from textual.content import Content

from dejavu_tui.app.desk import Desk
from dejavu_tui.app.dialogs.prompts import Ask, Choose
from dejavu_tui.app.errands import Errands
from dejavu_tui.app.words.lines import images
from dejavu_tui.records import Step
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.collect import FORMS, Collected, Form, collect

_SAID = {
    "csv": ("table, CSV", ".csv"),
    "ids": ("list of image ids, one a line", ".txt"),
    "sheet": ("contact sheet, PNG", ".png"),
    "links": ("folder of links to the images", ""),
}


class Exporter:
    """Asks as what and where to, then writes; an export that is under way is given up for another.

    `told` is called when the line above is to be written anew, `say` with what was done or what went wrong.
    """

    def __init__(
        self, desk: Desk, errands: Errands, *, told: Callable[[], None], say: Callable[[str, bool], None]
    ) -> None:
        self._desk = desk
        self._errands = errands
        self._told = told
        self._say = say

    def ask_which(self, app: App[Any], here: int, *, listed: Sequence[int]) -> None:
        """Nothing is selected: ask whether the image in front is wanted, or all that are listed."""
        groups = ([here], listed)

        def chosen(place: int | None) -> None:
            if place is not None:
                self.ask(app, groups[place])

        options = [Content(f"this image, {here}"), Content(f"all {len(listed):,} listed")]
        app.push_screen(Choose("Nothing is selected. Export what?", options), chosen)

    def ask(self, app: App[Any], image_ids: Sequence[int]) -> None:
        """Ask as what the images are wanted."""

        def chosen(place: int | None) -> None:
            if place is not None:
                self._ask_where(app, image_ids, FORMS[place])

        options = [Content(_SAID[form][0]) for form in FORMS]
        app.push_screen(Choose(f"Export {images(len(image_ids))} as what?", options), chosen)

    def _ask_where(self, app: App[Any], image_ids: Sequence[int], form: Form) -> None:
        view = self._desk.view
        typed = f"{view.run}-{view.epoch}{_SAID[form][1] or '-images'}"

        def refuse(typed: str) -> str | None:
            path = _path(typed)
            if not typed.strip() or not path.name:
                return "Type a name."
            return None if path.parent.is_dir() else f"There is no folder {path.parent}."

        def named(typed: str | None) -> None:
            if typed is None:
                return
            if os.path.lexists(_path(typed)):
                self._ask_again(app, image_ids, form, _path(typed))
            else:
                self._write(image_ids, form, _path(typed), replace=False)

        def explain(typed: str) -> str:
            return f"in the folder {_path(typed).absolute().parent}"

        what = "folder" if form == "links" else "file"
        app.push_screen(Ask(f"To which {what}?", typed=typed, refuse=refuse, explain=explain), named)

    def _ask_again(self, app: App[Any], image_ids: Sequence[int], form: Form, out: Path) -> None:
        def chosen(place: int | None) -> None:
            if place == 1:
                self._write(image_ids, form, out, replace=True)

        options = [Content("keep it"), Content("replace it")]
        app.push_screen(Choose(f"{safe_text(out.name, limit=40)} is there already.", options), chosen)

    def _write(self, image_ids: Sequence[int], form: Form, out: Path, *, replace: bool) -> None:
        desk = self._desk
        audit, samples = desk.audit, desk.view.samples

        def going(step: Step) -> None:
            self._busy(f"export: {step.done:,}/{step.total:,}" if step.total else "export")

        def written(found: Collected) -> None:
            self._busy("")
            lost = (
                f" {len(found.unreadable):,} cannot be read: {found.unreadable[0]} first."
                if found.unreadable
                else ""
            )
            more = f" and {len(found.written) - 1} more" if len(found.written) > 1 else ""
            where = f"{found.written[0].absolute()}{more}"
            self._say(f"{images(found.images)} in {where}.{lost} They are training data.", False)

        def failed(why: str) -> None:
            self._busy("")
            self._say(why, True)

        self._busy("export")
        self._errands.start(
            "export",
            lambda progress, stop: collect(
                audit, samples, image_ids, form=form, out=out, replace=replace, progress=progress, stop=stop
            ),
            then=written,
            fail=failed,
            step=going,
        )

    def _busy(self, text: str) -> None:
        self._desk.busy = text
        self._told()


def _path(typed: str) -> Path:
    return Path(os.path.expanduser(typed.strip()))
