"""Two processes do what one does; only the order of sums differs."""

import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from dejavu_tui.config import RunSettings
from dejavu_tui.encoders.checkpoints import read_encoder
from dejavu_tui.encoders.folders import resume_folder, snapshot_folder
from dejavu_tui.encoders.gather import gathered
from dejavu_tui.encoders.methods import method_names
from dejavu_tui.encoders.places import Place
from dejavu_tui.encoders.resume import state_tensors
from dejavu_tui.encoders.stepper import Stepper
from dejavu_tui.encoders.team import ALONE, Team, open_team
from dejavu_tui.errors import StoppedError, TrainingError
from dejavu_tui.records import Stop, never
from tests.encoders.teams import together
from tests.encoders.test_trainer import After
from tests.encoders.toys import outcome, run_toy, toy_images, toy_settings

STEPS = 5
IMAGES = toy_images(22)
"""Of batches of 11: the two processes have 6 and 5 images."""


def settings_of(method: str, **changes: Any) -> RunSettings:
    """SGD: Adam makes large steps of gradients that are zero but for rounding."""
    return toy_settings(method, batch=11, optimizer="sgd", lr=0.05, devices=2, **changes)


def everything(team: Team, folder: Path) -> None:
    """Do all that the tests look at: to start processes takes longer than what they do."""
    for method in method_names():
        train(folder / method, settings_of(method), team=team, stop=After(STEPS))
    normalise(team, folder)
    settings = toy_settings(batch=11, devices=2)
    train(folder / "whole", settings, team=team, stop=never)
    train(folder / "cut", settings, team=team, stop=After(3) if team.rank == team.size - 1 else never)
    assert not team.first or resume_folder(folder / "cut").exists()  # the first saves while the others have ended
    train(folder / "cut", settings, team=team, stop=never)


def train(folder: Path, settings: RunSettings, *, team: Team, stop: Stop) -> None:
    with suppress(StoppedError):
        run_toy(folder, settings, images=IMAGES, stop=stop, team=team)


def normalise(team: Team, folder: Path) -> None:
    """Save what a batch norm over all processes gives, takes back, and notes."""
    generator = torch.Generator().manual_seed(5)
    images, weights = (torch.randn(7, 3, 4, 4, generator=generator, dtype=torch.float64) for _ in range(2))
    images = images[torch.from_numpy(team.share(np.arange(7)))].requires_grad_()
    norm = team.spread_out(nn.Sequential(nn.BatchNorm2d(3)).double())
    given = norm(images)
    torch.autograd.backward((gathered(given).pow(3) * weights).sum())
    team.sum_gradients(norm)
    assert images.grad is not None
    kept = {"given": gathered(given.detach()), "back": gathered(images.grad), **dict(norm.named_buffers())}
    kept |= {f"{name}.grad": one.grad for name, one in norm.named_parameters() if one.grad is not None}
    kept["measured"] = norm.eval()(torch.ones(2, 3, 4, 4, dtype=torch.float64)).detach()
    if team.first:
        save_file({name: tensor.contiguous() for name, tensor in kept.items()}, folder / "normed.safetensors")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders `one` and `two`: what one process does and what two do."""
    folder = tmp_path_factory.mktemp("team")
    everything(ALONE, folder / "one")
    assert together(everything, folder / "two", meeting=folder / "meeting") == [0, 0]
    return folder


def state(folder: Path) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = load_file(resume_folder(folder) / f"state-{STEPS}.safetensors")
    return tensors


@pytest.mark.parametrize("method", method_names())
def test_two_processes_change_everything_as_one_does(trained: Path, method: str) -> None:
    one, two = state(trained / "one" / method), state(trained / "two" / method)
    start = state_tensors(*begun(method))
    assert one.keys() == two.keys()
    for name, tensor in one.items():
        if tensor.is_floating_point():
            moved = tensor - start[name] if name in start else tensor
            assert (two[name] - tensor).norm() <= 5e-4 * moved.norm() + 1e-5, name
        else:
            assert torch.equal(two[name], tensor), name
    assert any(name.startswith("optimizer") for name in one)


def begun(method: str) -> tuple[nn.Module, torch.optim.Optimizer]:
    stepper = Stepper(settings_of(method), classes=IMAGES.classes, team=ALONE)
    return stepper.learner, stepper.optimizer


@pytest.mark.parametrize("method", method_names())
def test_a_snapshot_of_two_processes_is_read_like_any_other(trained: Path, method: str) -> None:
    encoder, card = read_encoder(snapshot_folder(trained / "two" / method, epoch=2))
    assert card.method == method
    assert not any(isinstance(module, nn.SyncBatchNorm) for module in encoder.modules())


def test_asked_to_stop_in_one_process_all_stop_and_go_on_to_the_same_bytes(trained: Path) -> None:
    whole, cut = (outcome(trained / "two" / name) for name in ("whole", "cut"))
    assert cut == whole
    assert len(whole) == 7  # a log, and two snapshots of three files


def test_global_batch_norm_is_batch_norm_of_the_whole_batch(trained: Path) -> None:
    one, two = (load_file(trained / name / "normed.safetensors") for name in ("one", "two"))
    assert one.keys() == two.keys()
    assert len(one) == 8
    for name, tensor in one.items():
        torch.testing.assert_close(two[name], tensor)


def test_alone_nothing_is_changed() -> None:
    assert type(ALONE.spread_out(nn.Sequential(nn.BatchNorm2d(4)))[0]) is nn.BatchNorm2d
    assert ALONE.share(np.arange(5)).tolist() == [0, 1, 2, 3, 4]
    assert ALONE.agrees(True)
    assert not ALONE.agrees(False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_waits_for_the_others_can_be_told_to_end(number: signal.Signals) -> None:
    code = (
        "import signal\n"
        "from dejavu_tui.encoders.places import Place\n"
        "from dejavu_tui.encoders.team import open_team\n"
        "signal.signal(signal.SIGTERM, lambda *_: None); signal.signal(signal.SIGINT, lambda *_: None)\n"
        "print('waiting', flush=True)\n"
        "with open_team(Place(0, 2, 0, 'tcp://localhost:0')):\n"
        "    pass\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    time.sleep(1)
    assert process.poll() is None
    process.send_signal(number)
    assert process.wait(10) == -number


def test_others_that_cannot_be_met_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTER_ADDR", "localhost")
    monkeypatch.setenv("MASTER_PORT", "no number")
    met = open_team(Place(0, 2, 0, "env://"))
    with pytest.raises(TrainingError, match=r"process 0: cannot meet the other processes \(.*free the port"), met:
        pass
