import os
from typing import Any

import pytest

from dejavu_tui.encoders.places import Place
from dejavu_tui.errors import RequestError
from dejavu_tui.workflows import launch
from dejavu_tui.workflows.launch import check_processes, processes, side_by_side
from tests.encoders.toys import toy_settings


def place(monkeypatch: pytest.MonkeyPatch, launched: Place | None, *, gpus: int = 0) -> None:
    monkeypatch.setattr(launch, "launched", lambda: launched)
    monkeypatch.setattr(launch, "gpus", lambda: gpus)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(8)))


def test_what_is_typed_counts_where_nobody_launched(monkeypatch: pytest.MonkeyPatch) -> None:
    place(monkeypatch, None)
    assert processes(devices=None, nodes=None) is None
    assert processes(devices=3, nodes=1) == 3
    with pytest.raises(RequestError, match="torchrun --nnodes 2 --nproc-per-node 4"):
        processes(devices=4, nodes=2)


def test_what_is_typed_must_be_what_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    place(monkeypatch, Place(1, 8, 1))
    assert processes(devices=None, nodes=None) == processes(devices=4, nodes=2) == 8
    with pytest.raises(RequestError, match="4 processes typed, 8 started"):
        processes(devices=4, nodes=None)


@pytest.mark.parametrize(
    ("changes", "launched", "gpus", "said"),
    [
        ({"devices": 2}, Place(0, 4), 0, "4 processes started, the setting devices is 2"),
        ({"precision": "fp16"}, None, 0, "--precision: fp16 needs a GPU; take bf16"),
        ({"devices": 3}, None, 2, "3 devices, this machine has 2 GPUs"),
        ({"batch": 2}, None, 0, "23 images in batches of 2 leave a batch of 1"),
        ({"devices": 12}, None, 0, "12 devices for batches of 11 images"),
    ],
)
def test_what_this_machine_cannot_do_is_refused(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], launched: Place | None, gpus: int, said: str
) -> None:
    place(monkeypatch, launched, gpus=gpus)
    with pytest.raises(RequestError, match=said):
        check_processes(toy_settings(**changes), images=23, place=launched)
    check_processes(toy_settings(), images=23, place=None)


@pytest.mark.parametrize(
    ("devices", "threads", "gpus", "encoders"),
    [(1, 1, 0, 8), (2, 2, 0, 2), (4, 4, 0, 1), (2, 1, 4, 2), (4, 1, 4, 1)],
)
def test_encoders_train_at_the_same_time_where_there_are_devices(
    monkeypatch: pytest.MonkeyPatch, devices: int, threads: int, gpus: int, encoders: int
) -> None:
    place(monkeypatch, None, gpus=gpus)
    assert side_by_side(toy_settings(devices=devices, threads=threads)) == encoders
