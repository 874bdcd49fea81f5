"""The commands that do a stage by shards: what is typed, and what they say."""

import re
from pathlib import Path
from typing import Any

import typer

from dejavu_tui.records import Shard

_MOST = 1_000_000


def do_stage(
    stage: str,
    typed: Path | None,
    *,
    run: str | None,
    epoch: str | None,
    shard: str | None,
    k: int | None = None,
    **asked: Any,
) -> None:
    """Do `stage` (embed or search) of the audit `typed`; `asked` as `by_shard.Asked` takes it."""
    from dejavu_cli.diagnostics import graceful
    from dejavu_cli.numbers import epoch_number
    from dejavu_cli.output import note, talk
    from dejavu_cli.scored import tell_run
    from dejavu_tui.workflows.by_shard import STAGES, Asked
    from dejavu_tui.workflows.runs import choose_epochs, choose_run
    from dejavu_tui.workspace import find_audit

    part = None if shard is None else parse_shard(shard)
    found = find_audit(typed)
    chosen = choose_run(found, run)
    tell_run(found, chosen.name, typed=run)
    sweep = epoch == "all"
    number = None if epoch is None or sweep else epoch_number(epoch)
    epochs = choose_epochs(chosen, epoch=number, sweep=sweep)
    wanted = Asked(chosen.name, epochs, found.settings.k if k is None else k, **asked)
    with graceful() as stop, talk() as progress:
        STAGES[stage](found, wanted, shard=part, progress=progress, stop=stop)
    if part is not None:
        together = "the same command without --shard puts them together"
        note(f"shard {part.number} of {part.of} is done; when all are, {together}")


def parse_shard(text: str) -> Shard:
    """Return the shard that `text`, such as 3/16, means. Raises BadParameter: it means none."""
    match = re.fullmatch(r"([0-9]{1,7})/([0-9]{1,7})", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]) <= _MOST:
        raise typer.BadParameter("write I/N, such as 3/16, with I from 1 to N", param_hint="--shard")
    return Shard(int(match[1]), int(match[2]))
