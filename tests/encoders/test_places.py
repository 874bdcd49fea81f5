from pathlib import Path

import pytest

from dejavu_tui.encoders.places import Place, gpus, launched
from dejavu_tui.errors import RequestError

TORCHRUN = {"RANK": "3", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "MASTER_ADDR": "a", "MASTER_PORT": "1"}
SLURM = {
    "SLURM_PROCID": "5",
    "SLURM_STEP_NUM_TASKS": "8",
    "SLURM_LOCALID": "1",
    "SLURM_STEP_NODELIST": "gpu[01-03,07],cpu2",
    "SLURM_JOB_ID": "1234567",
    "SLURM_STEP_ID": "2",
}


def test_torchrun_numbers_its_processes() -> None:
    assert launched(TORCHRUN) == Place(3, 4, 1, "env://")
    assert launched(TORCHRUN | {"WORLD_SIZE": "1", "RANK": "0"}) is None


@pytest.mark.parametrize(
    ("nodes", "host"),
    [
        ("gpu[01-03,07],cpu2", "gpu01"),
        ("gpu[4]", "gpu4"),
        ("gpu[1,3]-ib", "gpu1-ib"),
        ("one,two", "one"),
        ("a.b-c", "a.b-c"),
        ("one,gpu[1-2]", "one"),
        ("r[1-2]n[1-3],x", "r1n1"),
    ],
)
def test_tasks_of_srun_meet_on_the_first_machine(nodes: str, host: str) -> None:
    place = launched(SLURM | {"SLURM_STEP_NODELIST": nodes})
    assert place == Place(5, 8, 1, f"tcp://{host}:{15_000 + 4569}")
    assert place != launched(SLURM | {"SLURM_STEP_ID": "3"})


@pytest.mark.parametrize(
    "wrong", [{"RANK": "abc"}, {"RANK": "4"}, {"WORLD_SIZE": "0"}, {"LOCAL_RANK": "-1"}, {"WORLD_SIZE": ""}]
)
def test_numbers_that_are_no_place_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(RequestError, match=next(iter(wrong))):
        launched(TORCHRUN | wrong)


def test_address_and_port_may_be_told() -> None:
    place = launched(SLURM | {"MASTER_ADDR": "there", "MASTER_PORT": "99"})
    assert place is not None
    assert place.meeting == "tcp://there:99"


def test_a_batch_script_or_a_shell_is_no_task() -> None:
    assert launched({name: value for name, value in SLURM.items() if name != "SLURM_STEP_NUM_TASKS"}) is None
    assert launched(SLURM | {"SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0"}) is None
    assert launched({}) is None


def test_gpus_are_those_that_are_visible(tmp_path: Path) -> None:
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm"):
        (tmp_path / name).touch()
    assert gpus({}, devices=tmp_path) == 2
    assert gpus({"CUDA_VISIBLE_DEVICES": "1"}, devices=tmp_path) == 1
    assert gpus({"CUDA_VISIBLE_DEVICES": "GPU-a,GPU-b,GPU-c"}, devices=tmp_path) == 3
    assert gpus({"CUDA_VISIBLE_DEVICES": ""}, devices=tmp_path) == 0
    assert gpus({"CUDA_VISIBLE_DEVICES": "-1"}, devices=tmp_path) == 0
