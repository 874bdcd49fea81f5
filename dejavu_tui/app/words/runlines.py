"""What the overview says of an audit: a line for each run, facts of one snapshot, the split."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from textual.content import Content

from dejavu_tui.app.widgets.ledger import Column
from dejavu_tui.app.widgets.table import HIT_STYLE, KIND_STYLES
from dejavu_tui.app.words.names import short
from dejavu_tui.records import KINDS
from dejavu_tui.splits.summary import PartRow
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.overview import TOPS, Overview, RunFacts, SnapshotFacts

_BAR = 12
"""Cells of a bar that stands for all images, at the most."""
_NAME = 14
"""Cells of a name before a number."""
_WORD = 40
"""Cells of a word out of a card, at the most."""
_STATES = {"trained": HIT_STYLE, **dict.fromkeys(("failed", "stopped", "partial"), "bold $text-warning")}
Scored = Mapping[str, Any]
"""A row of the table SCORES."""


@dataclass(frozen=True)
class RunLine:
    """A run, and the score of its last scored snapshot, if there is one."""

    facts: RunFacts
    last: Scored | None


def run_lines(seen: Overview) -> tuple[RunLine, ...]:
    """Return a line for each run."""
    headline = seen.scores.filter(direction="both", top_percent=TOPS[0]).sort("epoch")
    last = {row["run"]: row for row in headline.iter_rows(named=True)}
    return tuple(RunLine(run, last.get(run.name)) for run in seen.runs)


def percent(share: float | None, *, sign: bool = False) -> str:
    """Return a share as percent with one decimal; undefined: a dash."""
    if share is None:
        return "—"
    rounded = round(100 * share, 1) + 0.0  # no minus before zero
    return f"{rounded:{'+' if sign and rounded else ''}.1f}%".replace("-", "−")


def _state(line: RunLine, _: int) -> Content:
    run = line.facts
    if run.training:
        return Content.styled(f"training {'+'.join(run.training)}", "bold $text-accent")
    if run.info is None:
        return Content.styled("damaged", "bold $text-error")
    return Content.styled(run.info.state, _STATES.get(run.info.state, ""))


def _told(word: str | None) -> Content:
    return Content(safe_text(word or "", limit=_WORD))


def _size(line: RunLine, _: int) -> Content:
    size = line.facts.description.train_size
    return Content("" if size is None else f"{size:,}")


def _reached(line: RunLine, width: int) -> Content:
    info = line.facts.info
    if info is None or info.settings is None:
        return Content("")
    a, b = info.reached["A"], info.reached["B"]
    both = f"A {a}, B {b} of {info.settings.epochs}"
    return Content(both if a != b and len(both) <= width else f"{min(a, b)}/{info.settings.epochs}")


def _scored(line: RunLine, _: int) -> Content:
    snapshots = line.facts.snapshots
    return Content(f"{sum(one.stored.scored for one in snapshots)}/{len(snapshots)}" if snapshots else "none")


def _score(line: RunLine, _: int) -> Content:
    return Content("" if line.last is None else percent(line.last["dejavu_score"], sign=True))


def _interval(line: RunLine, _: int) -> Content:
    return Content("" if line.last is None else _ends(line.last))


RUN_COLUMNS: tuple[Column[RunLine], ...] = (
    Column("run", ("run",), 0, lambda line, width: Content(short(line.facts.name, width)), most=40),
    Column("state", ("state",), 12, _state),
    Column("method", ("method",), 10, lambda line, _: _told(line.facts.description.method), room=100),
    Column("network", ("network",), 12, lambda line, _: _told(line.facts.description.arch), room=130),
    Column("size", ("images of A", "size"), 6, _size, room=66, right=True),
    Column("epochs", ("epochs",), 9, _reached, room=58, right=True),
    Column("scored", ("snapshots scored", "scored"), 6, _scored, right=True),
    Column("score", ("score at 20%", "score"), 7, _score, right=True),
    Column("interval", ("95% interval",), 15, _interval, room=110, right=True),
)  # fmt: skip


def split(seen: Overview, calibration: str | None, *, width: int) -> Content:
    """Return the sizes of the parts, which images of them are not attacked and why, and what a calibration said.

    In less than `width` cells it is one line, and else is broken before what is attacked.
    """
    parts = [Content.assemble((safe_text(part.part), "bold"), _images(part)) for part in seen.parts]
    line = Content("   ").join(parts)
    trained, control = (sum(part.attacked for part in seen.parts if part.part in which) for which in ("AB", "E"))
    words = [f"attacked: A+B {trained:,}", *([f"E {control:,}"] if control else [])]
    words += [
        f"{images:,} not: {safe_text(str(reason), limit=80)}" for reason, images in seen.not_attacked.iter_rows()
    ]
    attacked = Content.styled(", ".join(words), "$text-muted")
    apart = "   " if line.cell_length + 3 + attacked.cell_length <= width else "\n"
    line = Content(apart).join([line, attacked])
    return Content("\n").join([line, *([Content(safe_text(calibration))] if calibration else [])])


def _images(part: PartRow) -> str:
    some = f" ({part.attacked:,} attacked)" if 0 < part.attacked < part.images else ""
    return f" {part.images:,}{some}"


def snapshot_facts(
    run: RunFacts, at: SnapshotFacts | None, scores: pl.DataFrame, *, where: str, width: int, height: int
) -> Content:
    """Return what is known of one snapshot, in `width` x `height` cells.

    `scores`: its rows of the table SCORES; `where`: what stands beside the epoch.
    """
    if run.damaged:
        return _wrapped(run.damaged, "$text-error")
    if at is None:
        return Content.styled("This run has no snapshot of both encoders yet.", "$text-muted")
    first, last = run.snapshots[0].epoch == at.epoch, run.snapshots[-1].epoch == at.epoch
    back, on = ("  " if first else "◂ "), ("" if last else " ▸")
    heading = Content.assemble((back, "$text-accent"), (f"epoch {at.epoch}", "bold"), (on, "$text-accent"))
    heading += Content.styled(f"  {short(where, max(width - heading.cell_length - 2, 1))}", "$text-muted")
    if at.damaged:
        return Content("\n").join([heading, _wrapped(at.damaged, "$text-error")])
    if not at.stored.scored:
        return Content("\n").join([heading, Content(f"{at.stored.stage}, not scored")])
    rows = {(row["direction"], row["top_percent"]): row for row in scores.iter_rows(named=True)}
    blocks: list[list[Content | None]] = [
        [heading, *(_score_line(f"score at {top}%", rows.get(("both", top))) for top in TOPS)],
        [_score_line(f"E at {TOPS[0]}%", rows.get(("E", TOPS[0])))],
        [*_shares(rows.get(("both", TOPS[-1])), width=width)],
        [_probe(rows.get(("both", TOPS[-1])))],
    ]
    told = [[line for line in block if line is not None] for block in blocks]
    lines = sum(map(len, told))
    apart = "\n\n" if lines + len(told) <= height else "\n"
    return Content(apart).join(Content("\n").join(block) for block in told if block)


def _score_line(name: str, row: Scored | None) -> Content | None:
    if row is None:
        return None
    value = Content.styled(f"{percent(row['dejavu_score'], sign=True):>7}", "bold")
    note = _ends(row) or safe_text(row["note"] or "", limit=60)
    return Content.assemble(f"{name:<{_NAME}}", value, (f" {note}", "$text-muted"))


def _ends(row: Scored) -> str:
    return "" if row["ci_low"] is None else f"{percent(row['ci_low'])[:-1]} to {percent(row['ci_high'])}"


def _shares(row: Scored | None, *, width: int) -> list[Content]:
    return [] if row is None else [_share(kind, row[kind], width=width) for kind in KINDS]


def _share(kind: str, share: float | None, *, width: int) -> Content:
    room = min(_BAR, width - _NAME - 9)
    bar = "█" * round((share or 0) * room) if room > 2 else ""
    shown = f"{percent(share):>7} "
    return Content.assemble((f"{kind:<{_NAME}}", KIND_STYLES[kind]), shown, (bar, KIND_STYLES[kind]))


def _probe(row: Scored | None) -> Content | None:
    if row is None or row["probe_gap"] is None:
        return None
    train, test = percent(row["probe_train"])[:-1], percent(row["probe_test"])
    value = Content.styled(f"{percent(row['probe_gap'], sign=True):>7}", "bold")
    return Content.assemble(f"{'probe gap':<{_NAME}}", value, (f" {train} − {test}", "$text-muted"))


def _wrapped(text: str, style: str) -> Content:
    return Content.styled(safe_text(text, limit=400), style)
