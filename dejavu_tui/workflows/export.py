"""Snapshots of a run to ONNX; what is already exported is left alone, without torch."""

from collections.abc import Sequence
from pathlib import Path

from dejavu_tui.artefacts import digest, is_current, publish, read_manifest
from dejavu_tui.encoders.folders import SNAPSHOT, snapshot_folder
from dejavu_tui.errors import StoppedError
from dejavu_tui.records import EncoderId, Progress, Step, Stop, View
from dejavu_tui.workflows.drawn import drawn
from dejavu_tui.workflows.runs import TRAINERS
from dejavu_tui.workspace import Audit

ONNX = "onnx"
"""Kind of artefact."""
ONNX_FILE = "encoder.onnx"
_COMPARED: dict[View, int] = {"public": 256, "crops": 64}
"""Real images on which torch and onnxruntime are compared."""
_LIBRARIES = ("torch", "onnx", "onnxscript", "onnxruntime")


def export_encoders(
    audit: Audit, run: str, epochs: Sequence[int], *, progress: Progress, stop: Stop
) -> tuple[Path, ...]:
    """Export both encoders of each of `epochs` and return the paths of the ONNX files; the card is beside each.

    Raises ArtefactError: a snapshot is missing or damaged. ParityError: torch and onnxruntime disagree; nothing
    is left of that export. BusyError: another process exports the same run. StoppedError between two encoders.
    """
    encoders = [EncoderId(run, trainer, epoch) for epoch in epochs for trainer in TRAINERS]
    missing = [encoder for encoder in encoders if not is_exported(audit, encoder)]
    if missing:
        with audit.lock(at=audit.run_folder(run) / "onnx"):
            for place, encoder in enumerate(missing):
                progress(Step("export", place, len(missing), encoder.folder))
                if stop():
                    raise StoppedError
                _export(audit, encoder)
            progress(Step("export", len(missing), len(missing)))
    return tuple(audit.onnx_folder(encoder) / ONNX_FILE for encoder in encoders)


def snapshot_of(audit: Audit, encoder: EncoderId) -> Path:
    """Folder of the snapshot that `encoder` is exported from."""
    return snapshot_folder(audit.run_folder(encoder.run) / encoder.trained_on, epoch=encoder.epoch)


def is_exported(audit: Audit, encoder: EncoderId) -> bool:
    """Tell whether the ONNX file is there and made from the snapshot, if that still stands."""
    folder = audit.onnx_folder(encoder)
    if read_manifest(folder, kind=ONNX) is None:
        return False
    if read_manifest(snapshot_of(audit, encoder), kind=SNAPSHOT) is None:
        return True
    return is_current(folder, kind=ONNX, identity=_identity(audit, encoder))


def _identity(audit: Audit, encoder: EncoderId) -> dict[str, str]:
    return {"snapshot": digest(snapshot_of(audit, encoder), kind=SNAPSHOT), "precision": "fp32"}


def _export(audit: Audit, encoder: EncoderId) -> None:
    from dejavu_export.export import export
    from dejavu_export.parity import RealImages

    def real(size: int) -> RealImages | None:
        if audit.attacked().is_empty():
            return None
        public, crops = (
            drawn(audit, view, count=count, size=size, stream="parity") for view, count in _COMPARED.items()
        )
        return RealImages(public, crops)

    identity = _identity(audit, encoder)
    folder = audit.onnx_folder(encoder)
    with publish(folder, kind=ONNX, identity=identity, libraries=_LIBRARIES) as draft:
        card = export(snapshot_of(audit, encoder), draft.folder / ONNX_FILE, real=real)
        draft.counts["layers"] = len(card.layers)
