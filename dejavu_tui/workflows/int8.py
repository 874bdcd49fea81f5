"""Encoders of a run in 8-bit integers, only if they say nearly what the float32 ones say; needs no torch."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dejavu_tui.artefacts import digest, is_current, publish, sha256_file
from dejavu_tui.embeddings.session import OnnxEncoder
from dejavu_tui.errors import ParityError, StoppedError
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.pictures import Pictures
from dejavu_tui.records import EncoderCard, EncoderId, Precision, Progress, Step, Stop, Trainer
from dejavu_tui.workflows.agreement import TOP, agreement, neighbours_of, scores_of, shown_to_both
from dejavu_tui.workflows.drawn import drawn_rows
from dejavu_tui.workflows.embed import load_encoder
from dejavu_tui.workflows.export import ONNX, ONNX_FILE
from dejavu_tui.workflows.infer import Inferred, infer_from
from dejavu_tui.workflows.shown import size_of_run
from dejavu_tui.workspace import Audit

LEAST_OVERLAP = 0.95
"""Share of the neighbours that an int8 encoder must keep."""
CALIBRATED = 512
"""Images of X, and as many crops of images of X, that ranges are taken from."""
_LIBRARIES = ("numpy", "onnx", "onnxruntime")
_FIX = "use the float32 encoder"


def export_int8(
    audit: Audit, run: str, epochs: Sequence[int], *, progress: Progress, stop: Stop
) -> tuple[Path, ...]:
    """Quantise both exported encoders of each of `epochs`, and return the paths of the ONNX files; the card beside
    each holds how it agrees with float32 on X and crops.

    Raises ArtefactError: not exported, damaged, or not to be quantised. ParityError: it keeps too few neighbours,
    or moves the score out of the float32 interval; nothing is left of that pair. BusyError; StoppedError.
    """
    wanted = [(EncoderId(run, "A", epoch, "int8"), EncoderId(run, "B", epoch, "int8")) for epoch in epochs]
    missing = [pair for pair in wanted if not all(is_quantised(audit, encoder) for encoder in pair)]
    if missing:
        with audit.lock(at=audit.run_folder(run) / "onnx"):
            for place, pair in enumerate(missing):
                _export(audit, pair, place, len(missing), progress=progress, stop=stop)
            progress(Step("quantise", len(missing), len(missing)))
    return tuple(audit.onnx_folder(encoder) / ONNX_FILE for pair in wanted for encoder in pair)


def is_quantised(audit: Audit, encoder: EncoderId) -> bool:
    """Tell whether the int8 `encoder` is there and made from the float32 one as it is exported now."""
    return is_current(audit.onnx_folder(encoder), kind=ONNX, identity=_identity(audit, encoder))


def _identity(audit: Audit, encoder: EncoderId) -> dict[str, object]:
    whole = digest(audit.onnx_folder(_in_float32(encoder)), kind=ONNX)
    size = size_of_run(audit, encoder)
    return {
        "fp32": whole,
        "precision": "int8",
        "calibrated": CALIBRATED,
        "audit": audit.fingerprint,
        "train_size": size,
    }


def _in_float32(encoder: EncoderId) -> EncoderId:
    return EncoderId(encoder.run, encoder.trained_on, encoder.epoch)


def _export(
    audit: Audit, pair: tuple[EncoderId, EncoderId], place: int, total: int, *, progress: Progress, stop: Stop
) -> None:
    """Quantise, compare and publish the two encoders of one snapshot."""
    from dejavu_export.int8 import most_changed, quantised

    with tempfile.TemporaryDirectory(prefix="dejavu-") as folder:
        found: dict[Precision, dict[Trainer, Inferred]] = {"fp32": {}, "int8": {}}
        cards: dict[Trainer, EncoderCard] = {}
        agreed: dict[Trainer, dict[str, float]] = {}
        for encoder in pair:
            trainer = encoder.trained_on
            progress(Step("quantise", place, total, encoder.folder))
            if stop():
                raise StoppedError
            whole = load_encoder(audit, _in_float32(encoder))
            pixels = calibration(audit, size=whole.card.input_size)
            made = Path(folder) / trainer / ONNX_FILE
            made.parent.mkdir()
            model = quantised(whole.path, whole.card, pixels)
            cards[trainer] = _write(model, whole.card, made, agreement=None)
            shown = shown_to_both(audit, size=size_of_run(audit, encoder))
            encoders = [whole, OnnxEncoder(made)]
            near = neighbours_of(encoders, shown, audit, progress=progress, stop=stop)
            for name, ids in zip(found, near, strict=True):
                found[name][trainer] = infer_from(audit, ids)
            agreed[trainer] = agreement(near[0], near[1], found["fp32"][trainer], found["int8"][trainer])
            if agreed[trainer]["neighbours"] < LEAST_OVERLAP:
                blamed = most_changed(whole.path, model, whole.card, pixels)
                raise ParityError(
                    f"{encoder.folder} keeps {agreed[trainer]['neighbours']:.1%} of the neighbours (at least"
                    f" {LEAST_OVERLAP:.0%}); most is lost at "
                    + ", ".join(f"{layer} ({ratio:.0f} dB)" for layer, ratio in blamed),
                    where=whole.path,
                    fix=_FIX,
                )
        score = scores_of(audit, shown, found)
        if not score["ci_low"] <= score["score_int8"] <= score["ci_high"]:
            raise ParityError(
                f"the score at {TOP}% goes from {score['score_fp32']:.3f} to {score['score_int8']:.3f}, out of its"
                f" interval [{score['ci_low']:.3f}, {score['ci_high']:.3f}]",
                where=audit.onnx_folder(_in_float32(pair[0])),
                fix=_FIX,
            )
        for encoder in pair:
            made = Path(folder) / encoder.trained_on / ONNX_FILE
            identity = _identity(audit, encoder)
            with publish(audit.onnx_folder(encoder), kind=ONNX, identity=identity, libraries=_LIBRARIES) as draft:
                told = agreed[encoder.trained_on] | score
                card = _write(
                    made.read_bytes(), cards[encoder.trained_on], draft.folder / ONNX_FILE, agreement=told
                )
                draft.counts["layers"] = len(card.layers)


def calibration(audit: Audit, *, size: int) -> NDArray[np.uint8]:
    """Return images of X, and crops of other images of X that lie as those of attacked images do, for ranges:
    uint8 (n, size, size, 3).
    """
    whole = drawn_rows(audit, "public", count=CALIBRATED, stream="int8")
    other = drawn_rows(audit, "public", count=CALIBRATED, stream="int8 crops")
    attacked = drawn_rows(audit, "crops", count=CALIBRATED, stream="int8 crops")
    boxes = [
        _lying_as(Box(*corners), across=(width, height), to=to)
        for (width, height, *corners), to in zip(
            attacked.select("width", "height", "x0", "y0", "x1", "y1").iter_rows(),
            other.select("width", "height").iter_rows(),
            strict=False,
        )
    ]
    corners = pl.DataFrame(
        [(box.x0, box.y0, box.x1, box.y1) for box in boxes], ["x0", "y0", "x1", "y1"], orient="row"
    )
    crops = pl.concat([other.head(len(boxes)), corners], how="horizontal")
    return np.concatenate(
        [Pictures(rows, source=audit.source, size=size, batch=rows.height).batch(0) for rows in (whole, crops)]
    )


def _lying_as(box: Box, *, across: tuple[int, int], to: tuple[int, int]) -> Box:
    """Return the box that lies in an image of `to` (width, height) as `box` does in one of `across`."""
    (x0, x1), (y0, y1) = (
        (low * new // old, max(low * new // old + 1, high * new // old))
        for low, high, old, new in ((box.x0, box.x1, across[0], to[0]), (box.y0, box.y1, across[1], to[1]))
    )
    return Box(x0, y0, x1, y1)


def _write(model: bytes, whole: EncoderCard, path: Path, *, agreement: dict[str, float] | None) -> EncoderCard:
    """Write an int8 model and its card."""
    path.write_bytes(model)
    changed = {"precision": "int8", "sha256": sha256_file(path), "parity": None, "agreement": agreement}
    card = whole.model_copy(update=changed)
    path.with_suffix(".json").write_text(card.model_dump_json(by_alias=True, indent=1) + "\n", encoding="utf-8")
    return card
