"""Which of the processes that train together this one is, as its launcher tells; known without importing torch.

`torchrun` and `srun` start a command once for each device and number the processes in the environment. The
trainings that `dejavu train --devices N` starts by itself are given their places.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dejavu_tui.errors import RequestError
from dejavu_tui.text import safe_text

_TORCHRUN = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")
_SLURM = ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", "SLURM_STEP_NODELIST", "SLURM_JOB_ID")
_PORT = 15_000
_PORTS = 10_000


@dataclass(frozen=True)
class Place:
    """One process: `rank`, 0 the first, of `size`, and `local`, its number on its machine.

    `meeting`: where the processes find each other, in the words of `torch.distributed`: `env://`, `tcp://HOST:PORT`,
    or `file://PATH` for processes of one machine.
    """

    rank: int = 0
    size: int = 1
    local: int = 0
    meeting: str = "env://"

    @property
    def first(self) -> bool:
        """Only the first process writes and tells."""
        return self.rank == 0


ALONE = Place()


def launched(environment: Mapping[str, str] = os.environ) -> Place | None:
    """Return the place that torchrun or srun gave this process; None: nobody did, or there is just one process.

    Raises RequestError: it is no place.
    """
    if all(name in environment for name in _TORCHRUN):
        place = Place(*_numbers(environment, *_TORCHRUN[:3]))
    elif all(name in environment for name in _SLURM):
        place = Place(*_numbers(environment, *_SLURM[:3]), _slurm_meeting(environment))
    else:
        return None
    return place if place.size > 1 else None


def gpus(environment: Mapping[str, str] = os.environ, *, devices: Path = Path("/dev")) -> int:
    """Return how many NVIDIA GPUs this process may use."""
    visible = environment.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return len([path for path in devices.glob("nvidia*") if re.fullmatch(r"nvidia\d+", path.name)])
    return len([name for name in visible.split(",") if name.strip() not in ("", "-1")])


def _numbers(environment: Mapping[str, str], *names: str) -> tuple[int, int, int]:
    """Return rank, size and local number as the variables `names` say."""
    texts = [environment[name] for name in names]
    if all(re.fullmatch("[0-9]{1,9}", text) for text in texts):
        rank, size, local = map(int, texts)
        if rank < size:
            return rank, size, local
    said = ", ".join(f"{name}={safe_text(text, limit=40)}" for name, text in zip(names, texts, strict=True))
    raise RequestError(
        "are no place among processes", where=said, fix="start it with torchrun or srun, or unset these variables"
    )


def _slurm_meeting(environment: Mapping[str, str]) -> str:
    """Return an address that all processes of a job step derive alike: a port of the step's first machine."""
    step = int(environment.get("SLURM_STEP_ID", "0"))
    port = _PORT + (int(environment["SLURM_JOB_ID"]) + step) % _PORTS
    host = environment.get("MASTER_ADDR") or _first_host(environment["SLURM_STEP_NODELIST"])
    return f"tcp://{host}:{environment.get('MASTER_PORT') or port}"


def _first_host(nodes: str) -> str:
    """Return the first of SLURM's short form, such as gpu01 of `gpu[01-03,07],cpu2`."""
    first = re.match(r"(?:[^,\[]|\[[^\]]*\])*", nodes)
    return re.sub(r"\[([^\],-]+)[^\]]*\]", r"\1", first[0] if first else nodes)
