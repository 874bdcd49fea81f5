"""The verdict of a calibration, kept in an audit and quoted beside its scores."""

import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import polars as pl

from dejavu_tui.artefacts import publish, read_manifest, verify
from dejavu_tui.errors import ArtefactError
from dejavu_tui.tables import CALIBRATION
from dejavu_tui.workspace import Audit

KIND = "calibration"
"""Kind of artefact."""
_LIBRARIES = ("faiss-cpu", "hnswlib", "kornia-rs", "numpy", "onnx", "onnxruntime", "pillow", "polars")
"""What the numbers of a score come through."""
_AGAIN = "run `dejavu calibrate` again"


def keep(audit: Audit, table: pl.DataFrame, *, seed: int, coverage: int | None) -> Path | None:
    """Keep `table` (CALIBRATION) in `audit`, with the versions it was measured with, in place of an older one.

    Return the folder; None in an audit that cannot be written. Raises BusyError.
    """
    if not os.access(audit.root, os.W_OK):
        return None
    folder = _folder(audit)
    identity = {"seed": seed, "coverage": coverage}
    with (
        audit.lock(at=audit.root),
        publish(folder, kind=KIND, identity=identity, libraries=_LIBRARIES) as draft,
    ):
        CALIBRATION.write(table, draft.folder / f"{CALIBRATION.name}.parquet")
        draft.counts |= {"rows": table.height, "failed": table.filter(verdict="fail").height}
    return folder


def check_free(audit: Audit) -> None:
    """Raise BusyError if `keep` would: asked before minutes of measuring, not after them."""
    if os.access(audit.root, os.W_OK):
        with audit.lock(at=audit.root):
            pass


def quote(audit: Audit) -> str | None:
    """Return in one line what the calibration kept in `audit` said, None if there is none.

    It also says which versions have changed since. Raises ArtefactError: the record is damaged.
    """
    folder = _folder(audit)
    if read_manifest(folder, kind=KIND) is None:
        return None
    try:
        manifest = verify(folder, kind=KIND)
        table = CALIBRATION.read(folder / f"{CALIBRATION.name}.parquet")
    except ArtefactError as error:
        raise ArtefactError(error.what, where=error.where, fix=f"remove {folder} or {_AGAIN}") from None
    bad = table.filter(verdict="fail")
    if bad.height:
        said = f"FAILED, {bad.height} of {table.height} checks (first: {bad['check'][0]}, {bad['quantity'][0]})"
    else:
        said = f"passed, {table.height} checks"
    changed = [
        f"{name} {then}, now {now}" for name, then in manifest.versions.items() if (now := _installed(name)) != then
    ]
    since = f"; but with {', '.join(changed)}: {_AGAIN}" if changed else ""
    return f"calibration: {said}, dejavu {manifest.versions['dejavu-tui']}, seed {manifest.identity['seed']}{since}"


def _folder(audit: Audit) -> Path:
    return audit.root / KIND


def _installed(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"
