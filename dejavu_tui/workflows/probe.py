"""The linear probe of both encoders of a snapshot; what was measured is stored (METHOD 2.7)."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dejavu_tui.artefacts import digest, is_current, publish, read_manifest, verify
from dejavu_tui.embeddings.store import EMBEDDINGS, read
from dejavu_tui.errors import ArtefactError, MeasurementError
from dejavu_tui.probe.goal import L2, TOLERANCE
from dejavu_tui.records import USUAL, Compute, EncoderId, Progress, Step, Stop, Trainer, View
from dejavu_tui.workflows.embed import embed, missing_layers
from dejavu_tui.workflows.pairs import Pair
from dejavu_tui.workflows.runs import TRAINERS
from dejavu_tui.workflows.shown import shown_to
from dejavu_tui.workspace import Audit

LAYER = "backbone"
"""The layer that a linear probe reads."""
PROBE = "probe"
"""Kind of artefact."""
_VIEWS: tuple[View, View] = ("own", "heldout")
_FILE = "probe.json"


class Probed(BaseModel):
    """Accuracy (0..1) of a linear classifier on the training set of an encoder, which it was fitted to, and on
    held-out images; `heldout` says for people which those are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    train: float = Field(ge=0, le=1)
    test: float = Field(ge=0, le=1)
    heldout: str


def embed_for_probes(
    audit: Audit, pairs: Sequence[Pair], *, compute: Compute = USUAL, progress: Progress, stop: Stop
) -> None:
    """Embed all that the probes of `pairs` need, as far as it is missing; of several, this decodes images once.

    Raises as `embed` does.
    """
    encoders = [encoder for pair in pairs for encoder in pair.encoders.values()]
    embed(audit, encoders, layers=(LAYER,), views=_VIEWS, compute=compute, progress=progress, stop=stop)


def probe_pair(audit: Audit, pair: Pair, *, progress: Progress, stop: Stop) -> dict[Trainer, Probed]:
    """Return what a linear classifier reads off the backbone embeddings of SSL_A and of SSL_B.

    It is fitted to whole images of the encoder's own training set, shared ones too, and tested on V, or, if the
    audit has none, on the images of the other encoder's part. Missing embeddings are made; stored results are
    used, without torch.
    Raises RequestError: no layer `backbone`; MeasurementError: torch is not installed, the classifier has not
    converged, or the training set's embeddings are all equal; ContentError: a damaged file; BusyError;
    StoppedError, the probe of a finished encoder kept.
    """
    if not can_probe(audit, pair):
        raise _no_torch()
    embed_for_probes(audit, [pair], progress=progress, stop=stop)
    return {trainer: _probe(audit, pair.encoders[trainer], progress=progress, stop=stop) for trainer in TRAINERS}


def can_probe(audit: Audit, pair: Pair) -> bool:
    """Tell whether the probes of `pair` can be had: torch is installed, or both are stored."""
    stored = (read_manifest(_folder(audit, encoder), kind=PROBE) for encoder in pair.encoders.values())
    return _has_torch() or None not in stored


def is_probed(audit: Audit, encoder: EncoderId) -> bool:
    """Tell whether the probe of `encoder`, as it is exported now, is stored: `probe_pair` would only read it."""
    if read_manifest(_folder(audit, encoder), kind=PROBE) is None:
        return False
    if any(missing_layers(audit, encoder, layers=(LAYER,), view=view) for view in _VIEWS):
        return False
    return is_current(_folder(audit, encoder), kind=PROBE, identity=_identity(audit, encoder))


def _probe(audit: Audit, encoder: EncoderId, *, progress: Progress, stop: Stop) -> Probed:
    folder = _folder(audit, encoder)
    identity = _identity(audit, encoder)
    if not is_current(folder, kind=PROBE, identity=identity):
        if not _has_torch():
            raise _no_torch()
        with (
            audit.lock(at=folder.parents[3]),
            publish(folder, kind=PROBE, identity=identity, libraries=("numpy", "torch")) as draft,
        ):
            probed = _measure(audit, encoder, progress=progress, stop=stop)
            (draft.folder / _FILE).write_text(probed.model_dump_json() + "\n", encoding="utf-8")
    verify(folder, kind=PROBE)
    try:
        return Probed.model_validate_json((folder / _FILE).read_bytes())
    except (OSError, ValidationError):
        raise ArtefactError("is no probe's result", where=folder / _FILE, fix=f"remove {folder}") from None


def _identity(audit: Audit, encoder: EncoderId) -> dict[str, Any]:
    embeddings = {
        view: digest(audit.embeddings_folder(encoder, layer=LAYER, view=view), kind=EMBEDDINGS) for view in _VIEWS
    }
    return embeddings | {"l2": L2, "tolerance": TOLERANCE}


def _measure(audit: Audit, encoder: EncoderId, *, progress: Progress, stop: Stop) -> Probed:
    from dejavu_tui.probe.logistic import fit

    def report(step: Step) -> None:
        progress(Step(f"probe {encoder.folder}", step.done, step.total, step.detail))

    own, heldout = (read(audit.embeddings_folder(encoder, layer=LAYER, view=view)) for view in _VIEWS)
    shown = {view: shown_to(audit, encoder, view) for view in _VIEWS}
    own_labels, labels = (shown[view]["label"].to_numpy() for view in _VIEWS)
    try:
        classifier = fit(own.vectors, own_labels, progress=report, stop=stop)
    except MeasurementError as error:
        raise MeasurementError(error.what, where=f"{encoder.run}, {encoder.folder}", fix=error.fix) from None
    part, images = shown["heldout"]["part"][0], len(labels)
    strange = int((~np.isin(labels, own_labels)).sum())
    return Probed(
        train=classifier.accuracy(own.vectors, own_labels),
        test=classifier.accuracy(heldout.vectors, labels),
        heldout=f"{images} images of {part}"
        + (f", {strange} of classes that SSL_{encoder.trained_on} was not trained on" if strange else ""),
    )


def _folder(audit: Audit, encoder: EncoderId) -> Path:
    return audit.scores_folder(encoder.run, epoch=encoder.epoch, layer=LAYER, name=f"probe-{encoder.trained_on}")


def _has_torch() -> bool:
    return find_spec("torch") is not None


def _no_torch() -> MeasurementError:
    return MeasurementError(
        "torch is not installed (pip install 'dejavu-tui[train]')", fix="install the extra `train`"
    )
