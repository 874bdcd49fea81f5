"""How far int8 encoders say what float32 ones say, and how much faster they are, on trained encoders; minutes of
training on the sample data. Run with `make bench`.
"""

import time
from pathlib import Path

import numpy as np
import pytest

from dejavu_tui.embeddings.session import OnnxEncoder
from dejavu_tui.records import EncoderId, never, silent
from dejavu_tui.workflows.export import ONNX_FILE, export_encoders
from dejavu_tui.workflows.int8 import LEAST_OVERLAP, export_int8
from dejavu_tui.workflows.run_settings import prepare
from dejavu_tui.workflows.split import plan, settings_for, write
from dejavu_tui.workflows.stored import card_of
from dejavu_tui.workflows.train import train_run
from dejavu_tui.workspace import Audit

SAMPLES = Path(__file__).parents[2] / "sample_data"
EPOCHS, SECONDS, BATCH = 150, 3.0, 64


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    planned = plan(SAMPLES, settings_for(SAMPLES), progress=silent, stop=never)
    return write(planned, tmp_path_factory.mktemp("int8") / "audit")


@pytest.mark.bench
@pytest.mark.parametrize("method", ["simclr", "vicreg", "supervised"])
def test_int8_agrees_and_is_faster(audit: Audit, method: str) -> None:
    run, settings = prepare(audit, method=method, epochs=EPOCHS, assignments=("scale_max=0.4",))
    train_run(audit, run, settings, progress=silent, stop=never)
    export_encoders(audit, run, (EPOCHS,), progress=silent, stop=never)
    export_int8(audit, run, (EPOCHS,), progress=silent, stop=never)
    whole, rounded = (EncoderId(run, "A", EPOCHS), EncoderId(run, "A", EPOCHS, "int8"))
    told = card_of(audit, rounded).agreement
    assert told is not None
    faster = rate(audit, rounded) / rate(audit, whole)
    print(
        f"\n{run}: " + ", ".join(f"{name} {value:.3f}" for name, value in told.items()) + f"; {faster:.2f}x as fast"
    )
    assert told["neighbours"] >= LEAST_OVERLAP
    assert faster > 1.2


def rate(audit: Audit, encoder: EncoderId) -> float:
    """Return batches a second on one core."""
    loaded = OnnxEncoder(audit.onnx_folder(encoder) / ONNX_FILE)
    size = loaded.card.input_size
    inputs = np.random.default_rng(0).normal(size=(BATCH, 3, size, size)).astype(np.float32)
    names = [""] * BATCH
    loaded.run(inputs, layers=loaded.card.layers, names=names)
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS:
        loaded.run(inputs, layers=loaded.card.layers, names=names)
        done += 1
    return done / (time.perf_counter() - began)
