"""Whole steps in bfloat16 and through `torch.compile`, beside those as they are; run with `make bench`.

Compiling is not built in: this says what it would save, and what it costs before the first step.
"""

from collections.abc import Callable

import pytest
import torch

from dejavu_tui.config import Precision
from dejavu_tui.encoders.arithmetic import reproducible
from dejavu_tui.encoders.learner import Batch
from dejavu_tui.encoders.network import Encoder
from dejavu_tui.encoders.sources import view_source
from dejavu_tui.encoders.stepper import Stepper
from dejavu_tui.encoders.team import Team
from tests.benchmarks.bench_training import BATCH, CONVNET, RESNET, ROUNDS, THREADS, Task, our_batches, timed

WAYS: dict[str, tuple[Precision, bool]] = {
    "fp32": ("fp32", False),
    "bf16": ("bf16", False),
    "fp32, compiled": ("fp32", True),
    "bf16, compiled": ("bf16", True),
}


@pytest.mark.bench
@pytest.mark.parametrize("task", [CONVNET[0], *RESNET], ids=str)
def test_bfloat16_and_compiled_networks_beside_float32(task: Task) -> None:
    with (
        view_source(task.train_set(), settings=task.settings) as views_of,
        reproducible(threads=THREADS, device=torch.device("cpu")),
    ):
        batch = next(iter(our_batches(task, views_of)))
        steps, firsts = {}, {}
        for name, (precision, compiled) in WAYS.items():
            steps[name] = step_of(task, batch, precision=precision, compiled=compiled)
            firsts[name] = timed(steps[name])
        seconds = {name: [timed(step) for _ in range(1 + ROUNDS)][1:] for name, step in steps.items()}
    rates = {name: BATCH / min(own) for name, own in seconds.items()}
    print(f"\nwhole steps, {task.arch}, {task.size} px, images/s (first step):", end=" ")
    print("; ".join(f"{name} {rate:,.0f} ({firsts[name]:.1f} s)" for name, rate in rates.items()))
    assert rates["fp32, compiled"] < 1.5 * rates["fp32"], "compiling pays here: build it in"


def step_of(task: Task, batch: Batch, *, precision: Precision, compiled: bool) -> Callable[[], object]:
    settings = task.settings.model_copy(update={"precision": precision})
    stepper = Stepper(settings, classes=1, team=Team())
    if compiled:
        for module in stepper.learner.modules():
            if isinstance(module, Encoder):
                module.compile(dynamic=False)
    return lambda: stepper.take(batch, where="bench")
