"""A run of encoders from elsewhere that have a backbone and no projector."""

import json
import shutil
from pathlib import Path

from dejavu_tui.records import EncoderId
from dejavu_tui.workflows.import_ import import_run
from dejavu_tui.workflows.runs import TRAINERS
from dejavu_tui.workspace import Audit

TRUNKS = "trunks"


def import_trunks(audit: Audit, *, run: str, epoch: int, through: Path) -> None:
    """Import the backbones of a snapshot of `run` as the run TRUNKS, at epoch 0, with files in `through`."""
    for trainer in TRAINERS:
        folder = audit.onnx_folder(EncoderId(run, trainer, epoch))
        shutil.copyfile(folder / "encoder.onnx", through / f"{trainer}.onnx")
        card = json.loads((folder / "encoder.json").read_text())
        backbone = {"layers": ["backbone"], "dims": {"backbone": card["dims"]["backbone"]}, "epoch": None}
        (through / f"{trainer}.json").write_text(json.dumps(card | backbone))
    import_run(audit, target=through / "A.onnx", reference=through / "B.onnx", run=TRUNKS)
