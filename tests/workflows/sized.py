"""Planted runs of several sizes: encoders as exported, with the settings of a training beside them."""

from pathlib import Path

from dejavu_tui.config import RunSettings
from dejavu_tui.records import EncoderId
from dejavu_tui.workflows.runs import TRAINERS
from dejavu_tui.workflows.split import plan, settings_for, write
from dejavu_tui.workspace import Audit
from tests.data.folders import build_folder
from tests.data.planted import plant

EPOCHS = (10, 20)


def audit_without_attack(folder: Path) -> tuple[Audit, str]:
    """An audit and a run of a size so small that none of its training images has a crop; E has 6 that do."""
    source = build_folder(folder / "pictures", classes=3, per_class=40, boxless=30)
    settings = settings_for(source, per_class=2, external=2, k=5)
    audit = write(plan(source, settings), folder / "audit")
    plant_run(audit, "small", size=2)
    return audit, "small"


def plant_run(audit: Audit, run: str, *, size: int | None, share: float = 1.0, **changes: float) -> None:
    """Publish a run on `size` images whose encoders remember `share` of the whole part, at epoch 10 half of it."""
    settings = RunSettings(method="planted", epochs=20, snapshots=EPOCHS, train_size=size).model_copy(
        update=changes
    )
    audit.run_folder(run).mkdir(parents=True)
    (audit.run_folder(run) / "settings.toml").write_text(settings.to_toml())
    for epoch, part in zip(EPOCHS, (share / 2, share), strict=True):
        for trainer in TRAINERS:
            plant(audit, EncoderId(run, trainer, epoch), share=part)
