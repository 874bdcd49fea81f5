"""`dejavu train` as a process: told to end, it saves, restores nothing half and leaves no child."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.functional.test_contract import BIN, dejavu
from tests.workflows.test_train import processes_of, wait_gone
from tests.workflows.trainings import SMALL, small_audit


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_told_to_end_it_saves_within_ten_seconds(tmp_path: Path, number: int, code: int) -> None:
    audit = small_audit(tmp_path)
    chosen = [word for setting in SMALL for word in ("--set", setting)]
    line = [str(BIN / "dejavu"), "train", "--method", "simclr", "--epochs", "100000", *chosen]
    process = subprocess.Popen(line, cwd=audit.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    logs = [audit.run_folder("simclr-convnet") / trainer / "log.jsonl" for trainer in ("A", "B")]
    together = len(os.sched_getaffinity(0)) > 1
    limit = time.monotonic() + 60
    while not (all if together else any)(log.is_file() and log.stat().st_size for log in logs):
        assert time.monotonic() < limit
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.1)
    children = processes_of(process.pid)
    assert children
    began = time.monotonic()
    process.send_signal(number)
    out, said = process.communicate(timeout=30)
    assert time.monotonic() - began < 10
    assert (process.returncode, out) == (code, "")
    assert "Traceback" not in said
    assert "state saved" in said.splitlines()[-1] or "goes on from here" in said.splitlines()[-1]
    assert wait_gone(children, seconds=1)
    for log in logs if together else logs[:1]:
        assert json.loads((log.parent / "resume" / "state.json").read_text())["step"] > 0


def test_a_batch_of_more_than_all_images_is_told(tmp_path: Path) -> None:
    audit = small_audit(tmp_path)
    chosen = [word for setting in (*SMALL, "batch=10") for word in ("--set", setting)]
    done = dejavu("train", "--method", "simclr", "--epochs", "1", *chosen, cwd=audit.root)
    assert "batch 10 is more than 9 images: each step takes all; lr 0.002" in done.stderr


def test_a_run_that_has_begun_goes_on_with_its_name_alone(tmp_path: Path) -> None:
    audit = small_audit(tmp_path)
    chosen = [word for setting in SMALL for word in ("--set", setting)]
    line = ("train", "--method", "simclr", "--epochs", "2", "--run", "mine", *chosen)
    assert dejavu(*line, "--on", "A", cwd=audit.root).returncode == 0
    done = dejavu("train", "--run", "mine", cwd=audit.root)
    assert (done.returncode, "train A 2/2  already trained" in done.stderr) == (0, True)
    assert (audit.run_folder("mine") / "B" / "snapshots" / "000002").is_dir()
    refused = dejavu("train", "--run", "mine", "--epochs", "3", cwd=audit.root)
    assert (refused.returncode, "goes on with --run alone" in refused.stderr) == (2, True)


def test_sizes_as_they_are_typed(tmp_path: Path) -> None:
    audit = small_audit(tmp_path)
    chosen = [word for setting in SMALL for word in ("--set", setting)]

    def train(*words: str) -> tuple[int, str, str]:
        done = dejavu("train", "--method", "simclr", "--epochs", "1", *chosen, *words, cwd=audit.root)
        return done.returncode, done.stdout, done.stderr

    code, out, said = train("--size", "6")
    assert (code, out) == (0, "")
    assert "run simclr-convnet-6: 6 images each, snapshots at epochs 1" in said
    assert "already trained" in train("--size", "6")[2]
    for words, code, expected in (
        (("--size", "10"), 2, "no training set of 10 images: A and B hold 9 each"),
        (("--size", "some"), 2, "a number of images, or all"),
        (("--size", "4", "--run", "simclr-convnet-6"), 3, "train_size: 6 here, 4 asked"),
    ):
        found = train(*words)
        assert found[:2] == (code, "")
        assert expected in found[2]
    assert not audit.run_folder("simclr-convnet-10").exists()
    listed = dejavu("runs", cwd=audit.root).stdout.splitlines()
    assert listed[0].startswith("run,method,arch,train_size,state")
    assert listed[1].startswith("simclr-convnet-6,simclr,convnet,6,trained")
