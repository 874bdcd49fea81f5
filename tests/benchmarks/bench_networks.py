"""How near the networks alone come to what the machine can do, in float32 and int8; run with `make bench`.

As many threads as cores compute batches that are ready in memory, each thread its own, as `embed` lets them.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from dejavu_tui.embeddings.session import OnnxEncoder, batch_of
from dejavu_tui.records import EncoderId, Precision
from dejavu_tui.workflows.export import ONNX_FILE
from tests.benchmarks.material import (
    CORES,
    PHOTOS,
    RUN,
    SMALL,
    Task,
    matmul_rate,
    prepared,
    publish_int8,
    seconds,
    work_of,
)

PRECISIONS: tuple[Precision, ...] = ("fp32", "int8")
BATCHES = {PHOTOS: 6, SMALL: 200}


@pytest.mark.bench
@pytest.mark.parametrize("task", BATCHES, ids=lambda task: task.name)
def test_networks_alone(task: Task, tmp_path: Path) -> None:
    audit, network = prepared(tmp_path, Task(task.name, task.size, 160, task.layer, task.ending))
    publish_int8(audit, EncoderId(RUN, "A", 1), task)
    peak = matmul_rate()
    float32, int8 = (
        rate(OnnxEncoder(audit.onnx_folder(EncoderId(RUN, "A", 1, precision)) / ONNX_FILE), task)
        for precision in PRECISIONS
    )
    share = work_of(network, task.size) * float32 / peak
    print(f"\n{task.name}: {float32:,.0f} images/s, {share:.0%} of the rate of matrix products", end="")
    print(f" ({peak / 1e9:.0f} GFLOP/s)")
    print(f"  int8 {int8:,.0f} images/s, {int8 / float32:.2f}x")
    assert int8 > 1.2 * float32


def rate(encoder: OnnxEncoder, task: Task) -> float:
    """Return images a second."""
    count = batch_of(task.size)
    pixels = np.random.default_rng(0).normal(size=(count, 3, task.size, task.size)).astype(np.float32)

    def compute(_: int) -> None:
        encoder.run(pixels, layers=[task.layer], names=[""] * count)

    def compute_all() -> None:
        with ThreadPoolExecutor(CORES) as pool:
            list(pool.map(compute, range(BATCHES[task])))

    return count * BATCHES[task] / seconds(compute_all)
