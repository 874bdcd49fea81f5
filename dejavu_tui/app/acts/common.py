"""What can be done on every screen: help, palette, copy, the command of what is shown, another run or layer."""

from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen

from dejavu_tui.app.actions import actions_here, shown
from dejavu_tui.app.acts import destinations, shell
from dejavu_tui.app.acts.clipboard import Clipboard, Copy, copies
from dejavu_tui.app.acts.destinations import Destinations
from dejavu_tui.app.desk import Desk
from dejavu_tui.app.dialogs.help import Help
from dejavu_tui.app.dialogs.prompts import Choose
from dejavu_tui.app.dialogs.same_as import SameAs
from dejavu_tui.app.errands import Errands
from dejavu_tui.app.tabscreen import TabScreen
from dejavu_tui.app.travel import Travel
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.runs import sound_runs

_SHOWN = 40
"""Characters of a text that is to be copied, so that it can be told from the others."""


class CommonActions(App[tuple[int, ...]]):
    """An app on a desk; the class below it says which screens there are, and how it starts and ends."""

    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("colon,ctrl+p", "command_palette", "Actions", show=False, id="palette", key_display=": ^p",
                tooltip="Find any action by its name"),
        Binding("comma", "epoch(-1)", "Epoch", key_display=", .", id="epoch_before", tooltip="The snapshot before"),
        Binding("full_stop", "epoch(1)", "Later", show=False, key_display=".", id="epoch_after",
                tooltip="The snapshot after"),
        Binding("E", "choose_epoch", "Choose epoch", show=False, id="choose_epoch",
                tooltip="Choose a snapshot of this run"),
        Binding("R", "choose_run", "Run", show=False, id="choose_run", tooltip="Choose another run"),
        Binding("Y", "choose_layer", "Layer", show=False, id="choose_layer", tooltip="Choose another layer"),
        Binding("y", "copy", "Copy", show=False, id="copy", tooltip="Copy path, id, row or command"),
        Binding("equals_sign", "same_as", "Same as", show=False, key_display="=", id="same_as",
                tooltip="The command that prints what this screen shows"),
        Binding("ctrl+t", "change_theme", "Theme", show=False, id="theme",
                tooltip="Other colours; ansi-dark and ansi-light are the terminal's own"),
    ]  # fmt: skip

    desk: Desk
    errands: Errands
    travel: Travel
    copier: Clipboard

    @property
    def front(self) -> TabScreen:
        """The screen whose tab is in front, whatever lies over it."""
        screen = self.screen_stack[0]
        assert isinstance(screen, TabScreen)  # noqa: S101  every mode starts with one
        return screen

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every key's action, by its name."""
        for place, binding in actions_here(self, screen):
            if binding.id != "palette":
                name = f"{binding.description} ({shown(binding, self._keymap)})"
                yield SystemCommand(name, binding.tooltip, partial(self.run_action, binding.action, place))

    def action_help(self) -> None:
        """Show all keys, and how to read the screen."""
        keys = [
            (shown(one, self._keymap), one.tooltip) for _, one in actions_here(self, self.screen) if one.tooltip
        ]
        self.push_screen(Help(self.front.NAME, keys, self.front.LEGEND))

    def action_epoch(self, by: int) -> None:
        """Go to the snapshot before or after."""
        self.travel.step(by)

    def action_choose_epoch(self) -> None:
        """Choose a snapshot of the run."""
        self._choose(destinations.epochs(self.desk))

    def action_choose_layer(self) -> None:
        """Choose a layer of the encoders."""
        self._choose(destinations.layers(self.desk))

    def action_choose_run(self) -> None:
        """Choose a run; the audit is asked for them in a thread."""
        self.errands.start(
            "runs",
            lambda _progress, _stop: sound_runs(self.desk.audit),
            then=lambda found: self._choose(destinations.runs(self.desk, *found)),
            fail=lambda why: self.front.say(why, bad=True),
        )

    def action_copy(self) -> None:
        """Choose what to copy."""
        found = copies(self.desk, self.front.twin())

        def chosen(place: int | None) -> None:
            if place is not None:
                self.front.say(self.copier.copy(found[place]))

        self.push_screen(Choose("Copy what?", [_option(one) for one in found]), chosen)

    def action_same_as(self) -> None:
        """Show the command that prints what the screen shows."""
        command = Copy("command", shell.line(self.front.twin()))
        self.push_screen(SameAs(command.text, partial(self.copier.copy, command)))

    def _choose(self, found: Destinations) -> None:
        def chosen(place: int | None) -> None:
            if place is not None and found.snapshots[place] != self.travel.here:
                self.travel.go(found.snapshots[place])

        if found.options:
            self.push_screen(Choose(found.question, found.options, at=found.at), chosen)
        else:
            self.front.say("No run has a snapshot of both encoders.")


def _option(one: Copy) -> Content:
    first = one.text.partition("\n")[0]
    return Content.assemble(one.name, (f"  {safe_text(first, limit=_SHOWN)}", "$text-muted"))
