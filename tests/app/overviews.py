"""What might be seen of an audit, without one."""

import polars as pl

from dejavu_tui.config import RunSettings
from dejavu_tui.records import Trainer
from dejavu_tui.splits.summary import PartRow
from dejavu_tui.tables import SCORES
from dejavu_tui.workflows.described import Description
from dejavu_tui.workflows.lacking import Lack
from dejavu_tui.workflows.overview import Overview, RunFacts, SnapshotFacts
from dejavu_tui.workflows.runs import RunInfo
from dejavu_tui.workflows.stored import Stored

EPOCHS = (50, 100, 200, 400, 800)
SCORED = Stored(exported=True, embedded=True, neighbours=("a", "b"), index=True, layers=("projector",))
DAMAGED = "settings.toml: epochs: Input should be a valid integer; restore it from a copy"


def run(
    name: str, *, scored: int, reached: int = 800, size: int | None = None, training: tuple[Trainer, ...] = ()
) -> RunFacts:
    """A run of SimCLR whose first `scored` snapshots are scored."""
    epochs = tuple(epoch for epoch in EPOCHS if epoch <= reached)
    settings = RunSettings(method="simclr", arch="convnet", epochs=EPOCHS[-1], snapshots=EPOCHS, train_size=size)
    info = RunInfo(
        name=name,
        settings=settings,
        epochs_by={"A": epochs, "B": epochs},
        reached={"A": reached, "B": reached},
        unfinished=() if reached == EPOCHS[-1] else ("A", "B"),
        exported=epochs[:scored],
        sequence=1,
    )
    stages = [SCORED if place < scored else Stored() for place in range(len(epochs))]
    snapshots = tuple(SnapshotFacts(epoch, stage) for epoch, stage in zip(epochs, stages, strict=True))
    description = Description(settings.method, settings.arch, size or 300)
    return RunFacts(name, info, snapshots, training, description=description)


def score(
    name: str, epoch: int, value: float, *, direction: str = "both", top: int = 20, at_20: float | None = None
) -> dict[str, object]:
    """A row of SCORES; the shares, the same at any p, follow from the score at 20%: `at_20`, or `value`."""
    row: dict[str, object] = dict.fromkeys(SCORES.schema)
    at_20 = value if at_20 is None else at_20
    memorized, misrepresented = 0.1 + at_20 / 2, 0.1 - at_20 / 4
    row |= {
        "run": name, "epoch": epoch, "layer": "projector", "k": 50, "top_percent": top, "label_rank": 1,
        "direction": direction, "n": 600, "dejavu_score": value, "ci_low": value - 0.08, "ci_high": value + 0.08,
        "accuracy_target": 0.3 + value, "accuracy_reference": 0.3, "memorized": memorized, "correlated": 0.02,
        "misrepresented": misrepresented, "unassociated": 0.98 - memorized - misrepresented, "search": "exact",
        "encoder_target": "", "encoder_reference": "", "seed": 0, "probe_train": 0.9, "probe_test": 0.4,
        "probe_gap": 0.5,
    }  # fmt: skip
    return row


def rows_of(found: RunFacts, values: tuple[float, ...]) -> list[dict[str, object]]:
    """Rows of all scored snapshots of a run: at 20% as `values` say, a quarter of it at 100%, 1% for E."""
    rows = []
    for one, value in zip(found.snapshots, values, strict=False):
        if one.stored.scored:
            rows += [
                score(found.name, one.epoch, value),
                score(found.name, one.epoch, value / 4, top=100, at_20=value),
            ]
            rows.append(score(found.name, one.epoch, 0.01, direction="E"))
    return rows


def fake_overview() -> Overview:
    """Four runs: one being trained, one whole, one with two scored snapshots of five, one damaged."""
    now = run("vicreg-now", scored=1, reached=130, training=("A",))
    whole = run("simclr-convnet", scored=5)
    some = run("simclr-convnet-100", scored=2, size=100)
    values = -0.02, 0.01, 0.03, 0.09, 0.22
    return Overview(
        parts=(
            PartRow("A", 300, 290, 30, 30),
            PartRow("B", 300, 300, 30, 30),
            PartRow("X", 2000, 0, 200, 200),
            PartRow("E", 1000, 1000, 100, 100),
        ),
        not_attacked=pl.DataFrame({"reason": ["no box"], "images": [10]}),
        runs=(now, whole, some, RunFacts("broken", None, damaged=DAMAGED)),
        k=50,
        scores=pl.DataFrame(
            [*rows_of(now, values), *rows_of(whole, values), *rows_of(some, values)], schema=SCORES.schema
        ),
        missing=(
            Lack("run vicreg-now: SSL_A at epoch 130 of 800, being trained", ""),
            Lack("run simclr-convnet-100, epochs 200, 400, 800: not scored",
                 "dejavu score --run simclr-convnet-100 --epochs-sweep"),
            Lack(f"run broken is damaged: {DAMAGED}", ""),
        ),
        stamp="one",
    )  # fmt: skip
