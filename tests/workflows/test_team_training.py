"""Several processes train one encoder: of one command, under torchrun, and when one of them dies."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dejavu_tui.config import RunSettings
from dejavu_tui.encoders.folders import finished
from dejavu_tui.errors import StoppedError, TrainingError
from dejavu_tui.records import Step, never, silent
from dejavu_tui.workflows.run_settings import prepare
from dejavu_tui.workflows.runs import inspect_run
from dejavu_tui.workflows.train import train_run
from dejavu_tui.workspace import Audit
from tests.encoders.toys import outcome
from tests.functional.test_contract import BIN
from tests.workflows.test_train import processes_of
from tests.workflows.trainings import SMALL, small_audit

RUN = "simclr-convnet"


def two_devices(audit: Audit, *, epochs: int) -> tuple[str, RunSettings]:
    return prepare(audit, method="simclr", epochs=epochs, snapshots=(1,), assignments=(*SMALL, "devices=2"))


def test_a_killed_process_ends_the_training_and_the_same_command_goes_on(tmp_path: Path) -> None:
    audit = small_audit(tmp_path)
    name, settings = two_devices(audit, epochs=200)
    passed: list[Step] = []
    with pytest.raises(StoppedError):
        train_run(audit, name, settings, on=("A",), progress=passed.append, stop=lambda: trains(passed))
    assert inspect_run(audit, name).state == "stopped"
    reached = inspect_run(audit, name).reached["A"]
    killed: list[float] = []

    def kill(step: Step) -> None:
        if trains([step]) and not killed:
            os.kill(max(processes_of(os.getpid())), signal.SIGKILL)
            killed.append(time.monotonic())

    with pytest.raises(
        TrainingError, match=r"training of A: process [12] of 2 ended without a word \(exit code -9\)"
    ):
        train_run(audit, name, settings, on=("A",), progress=kill, stop=never)
    assert time.monotonic() - killed[0] < 15
    assert processes_of(os.getpid()) == []
    info = inspect_run(audit, name)
    assert info.state == "failed"
    assert "exit code -9" in info.failures["A"]
    assert 0 < reached <= info.reached["A"] < 200
    train_run(audit, name, settings, on=("A",), progress=silent, stop=never)
    assert finished(audit.run_folder(name) / "A", settings=settings, trained_on="A", audit=audit.fingerprint)
    assert inspect_run(audit, name).state == "partial"


def trains(steps: list[Step]) -> bool:
    return any(step.stage == "train A" and step.done > 0 for step in steps)


@pytest.mark.slow
def test_torchrun_trains_both_encoders_as_devices_does(tmp_path: Path) -> None:
    audit = small_audit(tmp_path)
    shutil.copytree(audit.root.parent, tmp_path / "copy")
    other = Audit(tmp_path / "copy" / "audit")
    chosen = [word for setting in SMALL for word in ("--set", setting)]
    line = [
        str(BIN / "torchrun"),
        "--standalone",
        "--nproc-per-node",
        "2",
        "--no-python",
        "--",
        str(BIN / "dejavu"),
        "train",
    ]
    line += ["--method", "simclr", "--epochs", "2", "--snapshots", "1", *chosen]
    done = subprocess.run(line, cwd=audit.root, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert done.stderr.count(f"run {RUN}: 9 images each") == 1
    name, settings = two_devices(other, epochs=2)
    train_run(other, name, settings, on=("B",), progress=silent, stop=never)
    assert outcome(audit.run_folder(RUN) / "B") == outcome(other.run_folder(RUN) / "B")
    assert inspect_run(audit, RUN).state == "trained"


@pytest.mark.slow
def test_srun_is_found_in_the_environment(tmp_path: Path) -> None:
    audit = small_audit(tmp_path)
    name, settings = two_devices(audit, epochs=2)
    code = (
        "import sys; from pathlib import Path\n"
        "from dejavu_tui.config import RunSettings\n"
        "from dejavu_tui.records import never, silent\n"
        "from dejavu_tui.workflows.train import train_run\n"
        "from dejavu_tui.workspace import Audit\n"
        "settings = RunSettings.load(Path(sys.argv[2]))\n"
        "train_run(Audit(Path(sys.argv[1])), sys.argv[3], settings, on=('A',), progress=silent, stop=never)\n"
    )
    wanted = tmp_path / "settings.toml"
    wanted.write_text(settings.to_toml())
    shared = {
        "SLURM_STEP_NUM_TASKS": "2",
        "SLURM_STEP_NODELIST": "localhost",
        "SLURM_JOB_ID": str(os.getpid()),
        "SLURM_STEP_ID": "0",
        "GLOO_SOCKET_IFNAME": "lo",
    }
    tasks = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(audit.root), str(wanted), name],
            env={**os.environ, **shared, "SLURM_PROCID": str(rank), "SLURM_LOCALID": str(rank)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    ended = [task.communicate(timeout=300)[1] for task in tasks]
    assert [task.returncode for task in tasks] == [0, 0], ended
    assert inspect_run(audit, name).epochs_by["A"] == (1, 2)
