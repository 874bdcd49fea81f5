import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dejavu_tui.artefacts import verify
from dejavu_tui.encoders.folders import finished, resume_folder, snapshot_folder
from dejavu_tui.errors import BusyError, ImageError, SettingsError, StoppedError, TrainingError
from dejavu_tui.records import Step, never, silent
from dejavu_tui.workflows.runs import TRAINERS, choose_run, list_runs, run_names
from dejavu_tui.workflows.train import train_run
from dejavu_tui.workspace import Audit
from tests.encoders.toys import outcome
from tests.workflows.trainings import small_audit, small_run

LONG = 100_000
"""Epochs that nobody waits for."""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    audit = small_audit(tmp_path_factory.mktemp("trained"))
    name, settings = small_run(audit)
    train_run(audit, name, settings, progress=silent, stop=never)
    return audit


@pytest.fixture
def audit(trained: Audit, tmp_path: Path) -> Audit:
    """A fresh copy: an audit may be copied."""
    shutil.copytree(trained.root.parent, tmp_path / "copy")
    return Audit(tmp_path / "copy" / "audit")


def processes_of(parent: int) -> list[int]:
    """Living child processes that train."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                stat, line = (entry / "stat").read_text(), (entry / "cmdline").read_bytes()
            except OSError:
                continue
            state, owner = stat.rpartition(")")[2].split()[:2]
            if int(owner) == parent and state != "Z" and b"spawn_main" in line:
                found.append(int(entry.name))
    return found


def start_long(audit: Audit) -> subprocess.Popen[str]:
    """Train in a process of its own, as the command does, and wait until both trainings run."""
    code = (
        "import signal, sys; from pathlib import Path\n"
        "from dejavu_tui.workspace import Audit; from dejavu_tui.workflows.train import train_run\n"
        "from tests.workflows.trainings import small_run\n"
        "if __name__ == '__main__':\n"
        "    told = []; signal.signal(signal.SIGTERM, lambda *_: told.append(1))\n"
        "    audit = Audit(Path(sys.argv[1])); name, settings = small_run(audit, epochs=100_000, method='vicreg')\n"
        "    say = lambda step: print(step.stage, step.done, flush=True)\n"
        "    train_run(audit, name, settings, progress=say, stop=lambda: bool(told))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(audit.root)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    begun: set[str] = set()
    while not begun >= {"train A", "train B"}:
        stage, _, done = process.stdout.readline().rpartition(" ")
        if int(done) > 0:
            begun.add(stage)
    return process


def wait_gone(pids: list[int], *, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return True
        time.sleep(0.05)
    return False


def test_both_encoders_are_trained_alike(trained: Audit) -> None:
    run = choose_run(trained, None)
    assert (run.name, run.state, run.epochs, run.sequence) == ("simclr-convnet", "trained", (1, 3), 1)
    folders = [trained.run_folder(run.name) / trainer for trainer in "AB"]
    logs = [(folder / "log.jsonl").read_text() for folder in folders]
    assert logs[0] != logs[1]
    cards = [json.loads((snapshot_folder(f, epoch=3) / "encoder.json").read_text()) for f in folders]
    assert [card.pop("trained_on") for card in cards] == ["A", "B"]
    assert cards[0] == cards[1]
    assert cards[0]["train_size"] == 9
    assert oct(trained.run_folder(run.name).stat().st_mode & 0o777) == "0o700"


def test_a_size_is_trained_on_its_nested_set_and_the_card_tells_it(audit: Audit) -> None:
    name, settings = small_run(audit, size=6)
    train_run(audit, name, settings, progress=silent, stop=never)
    assert name == "simclr-convnet-6"
    for trainer in TRAINERS:
        folder = snapshot_folder(audit.run_folder(name) / trainer, epoch=3)
        assert json.loads((folder / "encoder.json").read_text())["train_size"] == 6
        assert verify(folder, kind="snapshot").counts["images"] == 6
    assert choose_run(audit, None).name == name
    assert {run.name: run.state for run in list_runs(audit)} == {name: "trained", "simclr-convnet": "trained"}


def test_a_stopped_training_of_a_size_goes_on_to_the_same_bytes(audit: Audit, tmp_path: Path) -> None:
    shutil.copytree(audit.root.parent, tmp_path / "other")
    through, broken = audit, Audit(tmp_path / "other" / "audit")
    name, settings = small_run(audit, size=6, epochs=200)
    train_run(through, name, settings, on=("A",), progress=silent, stop=never)
    passed: list[Step] = []

    def stop() -> bool:
        return any(step.stage == "train A" and step.done >= 2 for step in passed)

    with pytest.raises(StoppedError):
        train_run(broken, name, settings, on=("A",), progress=passed.append, stop=stop)
    assert not finished(broken.run_folder(name) / "A", settings=settings, trained_on="A", audit=broken.fingerprint)
    train_run(broken, name, settings, on=("A",), progress=silent, stop=never)
    assert outcome(broken.run_folder(name) / "A") == outcome(through.run_folder(name) / "A")


def test_what_is_trained_is_left_alone(audit: Audit) -> None:
    name, settings = small_run(audit)
    before = outcome(audit.run_folder(name))
    told: list[Step] = []
    train_run(audit, name, settings, progress=told.append, stop=never)
    assert [(step.stage, step.detail) for step in told] == [
        ("train A", "already trained"),
        ("train B", "already trained"),
    ]
    assert outcome(audit.run_folder(name)) == before


def test_what_a_kill_at_the_very_end_left_is_cleared(audit: Audit) -> None:
    name, settings = small_run(audit)
    folder = audit.run_folder(name) / "A"
    resume_folder(folder).mkdir()
    (resume_folder(folder) / "state-5.safetensors").write_bytes(b"much")
    (folder / "snapshots" / ".000001.abc.old").mkdir()
    (folder / "failed.json").write_text('{"error": "killed"}')
    assert choose_run(audit, name).failures == {"A": "killed"}
    train_run(audit, name, settings, progress=silent, stop=never)
    assert not resume_folder(folder).exists()
    assert sorted(path.name for path in (folder / "snapshots").iterdir()) == ["000001", "000003"]
    assert choose_run(audit, name).state == "trained"


def test_a_start_that_failed_leaves_no_run_behind(audit: Audit) -> None:
    first, _ = small_run(audit)
    (audit.run_folder(first) / "settings.toml").write_text("garbage[")
    name, settings = small_run(audit, method="vicreg")
    audit.run_folder(name).mkdir()
    (audit.run_folder(name) / ".lock").touch()
    assert run_names(audit) == (first,)
    assert small_run(audit, method="vicreg") == (name, settings)
    train_run(audit, name, settings, progress=silent, stop=never)
    assert choose_run(audit, name).state == "trained"


def test_of_two_starts_with_different_settings_the_second_is_refused(audit: Audit) -> None:
    name, settings = small_run(audit, method="vicreg")
    _, other = small_run(audit, method="vicreg", epochs=4)
    train_run(audit, name, settings, on=("A",), progress=silent, stop=never)
    with pytest.raises(SettingsError, match="epochs: 3 here, 4 asked"):
        train_run(audit, name, other, on=("B",), progress=silent, stop=never)
    assert not (audit.run_folder(name) / "B").exists()


def test_what_the_disk_refuses_is_named(audit: Audit) -> None:
    name, settings = small_run(audit, method="vicreg")
    (audit.run_folder(name) / "A" / "log.jsonl").mkdir(parents=True)
    (audit.run_folder(name) / "settings.toml").write_text(settings.to_toml())
    with pytest.raises(TrainingError, match=r"training of A, .*log.jsonl: Is a directory; free some space"):
        train_run(audit, name, settings, on=("A",), progress=silent, stop=never)


def test_one_encoder_can_be_trained_alone_to_the_same_bytes(audit: Audit) -> None:
    name, settings = small_run(audit)
    before = outcome(audit.run_folder(name) / "B")
    shutil.rmtree(audit.run_folder(name) / "B")
    train_run(audit, name, settings, on=("B",), progress=silent, stop=never)
    assert outcome(audit.run_folder(name) / "B") == before
    assert choose_run(audit, name).sequence == 2


def test_an_error_of_a_training_comes_as_it_was(audit: Audit) -> None:
    name, settings = small_run(audit, method="vicreg")
    first = audit.source / audit.members("A")["path"][0]
    first.write_bytes(b"no image")
    with pytest.raises(ImageError, match=first.name) as caught:
        train_run(audit, name, settings, progress=silent, stop=never)
    assert "Traceback" in caught.value.__notes__[0]
    assert processes_of(os.getpid()) == []


def test_an_encoder_that_another_process_trains_is_refused(audit: Audit) -> None:
    name, settings = small_run(audit, method="vicreg")
    with audit.lock(at=audit.run_folder(name) / "A"), pytest.raises(BusyError, match=str(os.getpid())):
        train_run(audit, name, settings, progress=silent, stop=never)


def test_terminated_it_saves_and_leaves_no_process(audit: Audit) -> None:
    process = start_long(audit)
    children = processes_of(process.pid)
    assert len(children) == min(2, len(os.sched_getaffinity(0)))
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=30)
    assert time.monotonic() - began < 10
    assert "StoppedError" in errors.splitlines()[-1]
    assert wait_gone(children, seconds=1)
    run = choose_run(audit, "vicreg-convnet")
    assert (run.state, run.unfinished) == ("stopped", ("A", "B"))
    for trainer in ("A", "B"):
        state = json.loads((audit.run_folder(run.name) / trainer / "resume" / "state.json").read_text())
        assert state["step"] // 2 == run.reached[trainer]


def test_killed_it_leaves_no_process(audit: Audit) -> None:
    process = start_long(audit)
    children = processes_of(process.pid)
    process.kill()
    process.communicate()
    assert wait_gone(children, seconds=10)


def test_stopped_before_anything_ran(audit: Audit) -> None:
    name, settings = small_run(audit, epochs=LONG, method="vicreg")
    with pytest.raises(StoppedError):
        train_run(audit, name, settings, progress=silent, stop=lambda: True)
    assert processes_of(os.getpid()) == []
