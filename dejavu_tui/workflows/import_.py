"""Two encoders that were trained elsewhere become a snapshot of a run; needs no torch."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dejavu_tui.artefacts import is_current, publish, sha256_file, write_atomically
from dejavu_tui.embeddings.scan import scan
from dejavu_tui.embeddings.session import OnnxEncoder
from dejavu_tui.embeddings.trial import try_out
from dejavu_tui.errors import ArtefactError, RequestError, SettingsError
from dejavu_tui.records import EncoderCard, EncoderId, Trainer
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.export import ONNX, ONNX_FILE
from dejavu_tui.workflows.pairs import differing
from dejavu_tui.workflows.runs import STATE_FILE, RunInfo, check_name, inspect_run, next_sequence, run_names
from dejavu_tui.workflows.stored import card_of
from dejavu_tui.workspace import Audit

RUN = "imported"
"""Name of the run unless another is typed."""
UNKNOWN_EPOCH = 0
"""Where encoders stand whose cards name no epoch."""
_GIVEN: Mapping[Trainer, str] = {"A": "--target", "B": "--reference"}


@dataclass(frozen=True)
class Imported:
    """A snapshot of `run` that came from elsewhere."""

    run: str
    epoch: int
    cards: dict[Trainer, EncoderCard]
    new: bool
    """False: both encoders were already there."""


def import_run(audit: Audit, *, target: Path, reference: Path, run: str = RUN) -> Imported:
    """Take the ONNX files `target` (SSL_A) and `reference` (SSL_B), each with its card beside it, into `run`.

    A run may hold several snapshots of one training, told apart by the epoch of their cards. What is already there
    is left alone. Which images the encoders were trained on nobody can see: A and B of the audit are believed.

    Raises ArtefactError: a file is unsafe, not what its card says, or its embeddings depend on the batch; the two
    are not alike; or one was trained on the other part. RequestError: a name that cannot be a run's, or the same
    encoder twice, no such file. SettingsError: the run holds something else. BusyError.
    """
    given: dict[Trainer, Path] = {"A": target, "B": reference}
    encoders = {trainer: _open(path, trainer) for trainer, path in given.items()}
    if encoders["A"].card.sha256 == encoders["B"].card.sha256:
        raise RequestError(
            "is the same encoder as --target", where=reference, fix="name the one that was trained on B"
        )
    cards = {trainer: _filled(encoder, trainer) for trainer, encoder in encoders.items()}
    _check_alike(cards, reference)
    epoch = UNKNOWN_EPOCH if cards["A"].epoch is None else cards["A"].epoch
    wanted = {EncoderId(run, trainer, epoch): card for trainer, card in cards.items()}
    _check_run(audit, run, wanted)
    missing = {one: card for one, card in wanted.items() if not _is_there(audit, one, card)}
    if missing:
        with audit.lock(at=audit.run_folder(run) / "onnx"):
            for one, card in missing.items():
                _take(audit, one, card, encoders[one.trained_on].path)
            state = {"sequence": next_sequence(audit)}
            write_atomically(audit.run_folder(run) / STATE_FILE, json.dumps(state).encode())
    return Imported(run, epoch, cards, bool(missing))


def _open(path: Path, trainer: Trainer) -> OnnxEncoder:
    if not path.is_file():
        raise RequestError("no such file", where=path, fix=f"name an ONNX file with {_GIVEN[trainer]}")
    if not path.with_suffix(".json").is_file():
        raise ArtefactError(
            f"has no card {safe_text(path.with_suffix('.json').name)} beside it",
            where=path,
            fix="make one with `dejavu export-onnx --format onnx --checkpoint`",
        )
    encoder = OnnxEncoder(path)
    try_out(encoder)
    return encoder


def _filled(encoder: OnnxEncoder, trainer: Trainer) -> EncoderCard:
    """Return the card with what the file itself tells. Raises ArtefactError: it is the other part's encoder."""
    card = encoder.card
    if card.trained_on not in (None, trainer):
        raise ArtefactError(
            f"was trained on {card.trained_on}, as its card says, and is given as {_GIVEN[trainer]}",
            where=encoder.path,
            fix="exchange --target and --reference, or correct the card",
        )
    known = {"trained_on": trainer, "input_name": encoder.input_name, "opset": scan(encoder.path)}
    return card.model_copy(update=known)


def _check_alike(cards: Mapping[Trainer, EncoderCard], reference: Path) -> None:
    name = differing(cards["A"], cards["B"])
    if name is not None:
        raise ArtefactError(
            f"does not belong to --target: {name} is {_shown(cards['B'], name)}, there {_shown(cards['A'], name)}",
            where=reference,
            fix="import two encoders that were trained and exported alike",
        )


def _check_run(audit: Audit, run: str, wanted: Mapping[EncoderId, EncoderCard]) -> None:
    """Raise if `run` cannot take the encoders: it has settings, another training's encoders, or others there."""
    check_name(run)
    if run not in run_names(audit):
        return
    info = inspect_run(audit, run)
    folder = audit.run_folder(run)
    if info.settings is not None or any(info.epochs_by.values()):
        raise SettingsError(f"the run '{run}' was trained here", where=folder, fix="choose another name with --run")
    for one, card in wanted.items():
        if (audit.onnx_folder(one) / ONNX_FILE).exists() and not _is_there(audit, one, card):
            raise SettingsError(
                f"the run '{run}' has another SSL_{one.trained_on} of epoch {one.epoch}",
                where=audit.onnx_folder(one),
                fix="choose another name with --run",
            )
    for epoch in info.exported:
        _check_training(audit, info, epoch, next(iter(wanted.values())))


def _check_training(audit: Audit, info: RunInfo, epoch: int, card: EncoderCard) -> None:
    there = card_of(audit, EncoderId(info.name, "A", epoch))
    name = differing(there, card.model_copy(update={"epoch": there.epoch}))
    if name is not None:
        raise SettingsError(
            f"the run '{info.name}' is of another training: {name} is {_shown(there, name)} there, "
            f"{_shown(card, name)} here",
            where=audit.run_folder(info.name),
            fix="choose another name with --run",
        )


def _identity(card: EncoderCard) -> dict[str, Any]:
    return {"from": "elsewhere", "card": card.model_dump(mode="json", by_alias=True)}


def _is_there(audit: Audit, encoder: EncoderId, card: EncoderCard) -> bool:
    return is_current(audit.onnx_folder(encoder), kind=ONNX, identity=_identity(card))


def _take(audit: Audit, encoder: EncoderId, card: EncoderCard, path: Path) -> None:
    with publish(
        audit.onnx_folder(encoder), kind=ONNX, identity=_identity(card), libraries=("onnx", "onnxruntime")
    ) as draft:
        copy = draft.folder / ONNX_FILE
        shutil.copyfile(path, copy)
        if sha256_file(copy) != card.sha256:
            raise ArtefactError("was changed while it was read", where=path, fix="run the same command again")
        text = card.model_dump_json(by_alias=True, indent=1) + "\n"
        copy.with_suffix(".json").write_text(text, encoding="utf-8")
        draft.counts["layers"] = len(card.layers)


def _shown(card: EncoderCard, name: str) -> str:
    value = getattr(card, name)
    return "not named" if value is None else safe_text(str(value), limit=120)
