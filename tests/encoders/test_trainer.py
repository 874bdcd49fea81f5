import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from dejavu_tui.encoders import pace, stepper
from dejavu_tui.encoders.checkpoints import read_encoder
from dejavu_tui.encoders.folders import finished, resume_folder, snapshot_folder
from dejavu_tui.errors import ArtefactError, StoppedError, TrainingError
from dejavu_tui.records import Step
from tests.encoders.toys import outcome, run_toy, toy_images, toy_settings

STEPS = 8
"""Of a toy training: 4 epochs of 2."""
DETAIL = r"loss [\d.]+(?: \(.*\))?, lr [\d.e-]+, spread [\d.]+, [\d,]+ images/s, .* left"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The outcome of a training that nobody stopped."""
    folder = tmp_path_factory.mktemp("whole")
    run_toy(folder, toy_settings())
    return outcome(folder)


class After:
    """A stop callback that stops before step `steps + 1`."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.asked = 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.asked > self.steps


def test_a_training_leaves_snapshots_and_a_log(whole: dict[str, bytes]) -> None:
    assert {name for name in whole if not name.endswith((".json", ".safetensors"))} == {"log.jsonl"}
    assert {Path(name).parts[1] for name in whole if name.startswith("snapshots")} == {"000002", "000004"}
    lines = [json.loads(line) for line in whole["log.jsonl"].decode().splitlines()]
    assert [line["epoch"] for line in lines] == [1, 2, 3, 4]
    assert all(np.isfinite(line["loss"]) and line["lr"] > 0 and 0 < line["spread"] <= 1 for line in lines)


@pytest.mark.parametrize("steps", range(STEPS))
def test_stopped_before_any_step_and_resumed_it_ends_with_the_same_bytes(
    tmp_path: Path, whole: dict[str, bytes], steps: int
) -> None:
    with pytest.raises(StoppedError):
        run_toy(tmp_path, toy_settings(), stop=After(steps))
    assert (resume_folder(tmp_path) / "state.json").is_file() == (steps > 0)
    run_toy(tmp_path, toy_settings())
    assert outcome(tmp_path) == whole


def test_killed_at_any_moment_and_resumed_it_ends_with_the_same_bytes(
    tmp_path: Path, whole: dict[str, bytes]
) -> None:
    code = (
        "import sys; from pathlib import Path; from dejavu_tui.encoders import pace;"
        "from tests.encoders.toys import run_toy, toy_settings;"
        "pace.SAVE_SECONDS = 0.0; print('ready', flush=True);"
        "run_toy(Path(sys.argv[1]), toy_settings(), progress=lambda step: print(step.detail, flush=True))"
    )
    rng = np.random.default_rng(int.from_bytes(os.urandom(4), "big"))
    for _ in range(2):
        with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            child.stdout.readline()
            child.stdout.readline()
            time.sleep(rng.uniform(0, 0.15))
            child.kill()
    run_toy(tmp_path, toy_settings())
    assert outcome(tmp_path) == whole


def test_a_kill_loses_no_more_than_the_saving_interval(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "SAVE_SECONDS", 0.0)
    monkeypatch.setattr(pace, "_SAVE_SHARE", 0)
    saved: list[int] = []

    def stop() -> bool:
        path = resume_folder(tmp_path) / "state.json"
        saved.append(json.loads(path.read_text())["step"] if path.is_file() else -1)
        return False

    run_toy(tmp_path, toy_settings(), stop=stop)
    assert saved == [-1, -1, *range(1, STEPS - 1)]
    assert not resume_folder(tmp_path).exists()


def test_what_was_trained_is_not_thrown_away_for_a_snapshot_that_is_gone(
    tmp_path: Path, whole: dict[str, bytes]
) -> None:
    with pytest.raises(StoppedError):
        run_toy(tmp_path, toy_settings(), stop=After(6))
    shutil.rmtree(snapshot_folder(tmp_path, epoch=2))
    with pytest.raises(ArtefactError, match="000002: is gone, and the training is past it, in epoch 4"):
        run_toy(tmp_path, toy_settings())
    assert (resume_folder(tmp_path) / "state.json").is_file()
    shutil.rmtree(resume_folder(tmp_path))
    run_toy(tmp_path, toy_settings())
    assert outcome(tmp_path) == whole


def test_a_snapshot_that_is_gone_after_the_end_is_made_again(tmp_path: Path, whole: dict[str, bytes]) -> None:
    run_toy(tmp_path, toy_settings())
    shutil.rmtree(snapshot_folder(tmp_path, epoch=2))
    run_toy(tmp_path, toy_settings())
    assert outcome(tmp_path) == whole


def test_leftovers_of_killed_writers_are_removed(tmp_path: Path, whole: dict[str, bytes]) -> None:
    for name in (".000002.abc.tmp", ".000002.abc.old"):
        (tmp_path / "snapshots" / name / "previous").mkdir(parents=True)
    run_toy(tmp_path, toy_settings())
    assert outcome(tmp_path) == whole
    assert sorted(path.name for path in (tmp_path / "snapshots").iterdir()) == ["000002", "000004"]


def test_a_log_that_lost_lines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoppedError):
        run_toy(tmp_path, toy_settings(), stop=After(6))
    (tmp_path / "log.jsonl").write_text("")
    with pytest.raises(ArtefactError, match="has 0 of 3 epochs"):
        run_toy(tmp_path, toy_settings())


def test_a_state_of_other_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoppedError):
        run_toy(tmp_path, toy_settings(), stop=After(3))
    with pytest.raises(ArtefactError, match="other settings or images"):
        run_toy(tmp_path, toy_settings(), images=toy_images(seed=1))


def test_a_and_b_start_from_the_same_weights_and_see_different_views(tmp_path: Path) -> None:
    settings = toy_settings(epochs=1, snapshots=(1,), lr=1e-12)
    images = toy_images()
    other = replace(images, image_ids=images.image_ids + 1000)
    run_toy(tmp_path / "A", settings, images=images)
    run_toy(tmp_path / "B", settings, images=other)
    encoders = [read_encoder(snapshot_folder(tmp_path / name, epoch=1))[0] for name in "AB"]
    first, second = (encoder.get_parameter("backbone.0.weight") for encoder in encoders)
    assert torch.allclose(first, second, atol=1e-9)
    assert (tmp_path / "A" / "log.jsonl").read_text() != (tmp_path / "B" / "log.jsonl").read_text()


def test_finished_means_every_snapshot_of_these_settings(tmp_path: Path) -> None:
    settings = toy_settings()
    run_toy(tmp_path, settings)
    assert finished(tmp_path, settings=settings, trained_on="A", audit="fingerprint")
    assert not finished(tmp_path, settings=settings, trained_on="A", audit="another")
    assert not finished(tmp_path, settings=toy_settings(seed=1), trained_on="A", audit="fingerprint")
    shutil.rmtree(snapshot_folder(tmp_path, epoch=2))
    assert not finished(tmp_path, settings=settings, trained_on="A", audit="fingerprint")


def test_a_loss_that_is_not_finite_stops_with_epoch_and_batch(tmp_path: Path) -> None:
    with pytest.raises(
        TrainingError, match=r"SSL_A, epoch \d+, batch \d+: the loss is (nan|inf); try a lower"
    ) as caught:
        run_toy(tmp_path, toy_settings("vicreg", lr=1e30, warmup=0))
    assert caught.value.exit_code == 1
    assert not snapshot_folder(tmp_path, epoch=4).exists()


def test_a_collapse_stops_the_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spreads = iter([0.5, 0.1, 1e-2, 1e-4])
    monkeypatch.setattr(stepper, "embedding_spread", lambda _embedding: torch.tensor(next(spreads)))
    with pytest.raises(
        TrainingError, match=r"SSL_A, epoch 2, batch 2: the embeddings have collapsed.*; try a lower"
    ):
        run_toy(tmp_path, toy_settings())


def test_weights_that_are_not_finite_are_never_published(tmp_path: Path) -> None:
    settings = toy_settings(epochs=1, snapshots=(1,), batch=24, lr=1e38, warmup=0, weight_decay=1e10)
    with pytest.raises(TrainingError, match="not finite"):
        run_toy(tmp_path, settings)
    assert not snapshot_folder(tmp_path, epoch=1).exists()


def test_a_batch_larger_than_the_set_is_the_set(tmp_path: Path) -> None:
    run_toy(tmp_path, toy_settings(batch=1000, epochs=2, snapshots=(2,)))
    assert (tmp_path / "log.jsonl").read_text().count("\n") == 2


def test_progress_tells_epoch_loss_speed_and_time_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "REPORT_SECONDS", 0.0)
    told: list[Step] = []
    run_toy(tmp_path, toy_settings(), progress=told.append)
    assert [step.done for step in told] == [0, 1, 1, 2, 2, 3, 3, 4]
    assert {(step.stage, step.total) for step in told} == {("train A", 4)}
    assert all(re.fullmatch(DETAIL, step.detail) for step in told)


def test_training_leaves_torch_as_it_was(tmp_path: Path) -> None:
    before = (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled(), torch.get_rng_state().tolist())
    run_toy(tmp_path, toy_settings(threads=1))
    after_it = (
        torch.get_num_threads(),
        torch.are_deterministic_algorithms_enabled(),
        torch.get_rng_state().tolist(),
    )
    assert after_it == before


def test_another_torch_that_goes_on_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoppedError):
        run_toy(tmp_path, toy_settings(), stop=After(6))
    path = resume_folder(tmp_path) / "state.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"torch": "1.0"}))
    told: list[Step] = []
    run_toy(tmp_path, toy_settings(), progress=told.append)
    assert told[0].detail == f"begun by torch 1.0, goes on by {torch.__version__}: the last bits may differ"


def test_a_state_that_does_not_say_which_torch_made_it_is_told_too(tmp_path: Path) -> None:
    with pytest.raises(StoppedError):
        run_toy(tmp_path, toy_settings(), stop=After(6))
    path = resume_folder(tmp_path) / "state.json"
    state = json.loads(path.read_text())
    assert state.pop("torch") == torch.__version__
    path.write_text(json.dumps(state))
    told: list[Step] = []
    run_toy(tmp_path, toy_settings(), progress=told.append)
    assert told[0].detail.startswith("begun by torch of an unknown version, goes on by")
