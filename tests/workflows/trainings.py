"""An audit that is small enough to train in seconds."""

from pathlib import Path

from dejavu_tui.config import RunSettings
from dejavu_tui.records import never, silent
from dejavu_tui.workflows.run_settings import prepare
from dejavu_tui.workflows.split import plan, settings_for, write
from dejavu_tui.workspace import Audit
from tests.data.folders import build_folder

SMALL = ("batch=6", "projector=8-8", "input_size=16")


def small_audit(root: Path) -> Audit:
    source = build_folder(root / "pictures", per_class=10, side=16)
    planned = plan(source, settings_for(source, per_class=3, k=5), progress=silent, stop=never)
    write(planned, root / "audit")
    return Audit(root / "audit")


def small_run(
    audit: Audit, *, epochs: int = 3, method: str = "simclr", size: int | None = None
) -> tuple[str, RunSettings]:
    return prepare(audit, method=method, epochs=epochs, snapshots=(1,), size=size, assignments=SMALL)
