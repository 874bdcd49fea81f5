"""Embedding and search on a Ray cluster: shards as tasks, the audit folder on storage that all machines see."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from dejavu_tui import errors
from dejavu_tui.errors import ClusterError, DejavuError, RequestError, StoppedError
from dejavu_tui.records import Progress, Shard, Step, Stop, never, silent
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.by_shard import STAGES, Asked, check_asked, prepare_search
from dejavu_tui.workflows.export import export_encoders
from dejavu_tui.workflows.int8 import export_int8
from dejavu_tui.workspace import Audit

LOCAL = "local"
_WORDS = ("auto", LOCAL)
_CONNECT_SECONDS = 5.0
_SHARDS_PER_WORKER = 4
"""So that a slow machine or one that is lost holds up little."""
_RETRIES = 3
_WAIT_SECONDS = 0.5
_ANSWER_SECONDS = 30.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_AGAIN = "look at the machines of the cluster; the same command goes on from here"
_Failure: TypeAlias = tuple[str, str, str | None, str]


def measure_on_ray(audit: Audit, asked: Asked, *, address: str, progress: Progress, stop: Stop) -> None:
    """Export here, then embed and search on the Ray cluster at `address` (`auto`: the one that runs; `local`: one
    of this machine alone, for the time), and put the shards together here.

    A task whose process dies is begun anew by Ray, and keeps what it had finished.
    Raises RequestError: Ray is not installed, no cluster is there, or the audit cannot be written; what the stages
    raise; StoppedError.
    """
    check_asked(audit, asked)
    if not audit.writable:
        what = "cannot be written: shards would be lost"
        raise RequestError(what, where=audit.root, fix="leave --ray out, or take a copy of the audit")
    export_encoders(audit, asked.run, asked.epochs, progress=progress, stop=stop)
    if asked.precision == "int8":
        export_int8(audit, asked.run, asked.epochs, progress=progress, stop=stop)
    ray = _connected(address)
    try:
        of = _SHARDS_PER_WORKER * max(1, int(ray.cluster_resources().get("CPU", 1)))
        for name, stage in STAGES.items():
            if name == "search":
                prepare_search(audit, asked, progress=progress, stop=stop)
            _all_shards(ray, audit, asked, name, of=of, progress=progress, stop=stop)
            stage(audit, asked, shard=None, progress=progress, stop=stop)
    finally:
        ray.shutdown()


def _connected(address: str) -> Any:
    """Return the module ray, connected. Raises RequestError: it is not installed, or there is no cluster."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
    except ImportError:
        raise RequestError("Ray is not installed", where="--ray", fix="pip install 'dejavu-tui[ray]'") from None
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    try:
        _check_listening(address)
        ray.init(
            address=address,
            include_dashboard=False if address == LOCAL else None,
            log_to_driver=False,
            logging_level=logging.ERROR,
            runtime_env={"env_vars": {"RAY_USAGE_STATS_ENABLED": "0"}},
        )
        if threading.current_thread() is threading.main_thread():
            for number, handler in before.items():  # Ray puts its own in their place
                signal.signal(number, handler)
    except (OSError, ValueError, RuntimeError) as error:
        what = f"no Ray cluster there ({safe_text(str(error), limit=120)})"
        fix = "start one with `ray start --head`, or type --ray local"
        raise RequestError(what, where=f"--ray {safe_text(address, limit=80)}", fix=fix) from None
    return ray


def _check_listening(address: str) -> None:
    """Raise OSError or ValueError where no cluster answers: Ray itself would try for many minutes."""
    if address in _WORDS:
        return
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError("write HOST:PORT")
    socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT_SECONDS).close()
    asking = [sys.executable, "-m", "ray.scripts.scripts", "health-check", "--address", address]
    try:
        answer = subprocess.run(asking, capture_output=True, timeout=_ANSWER_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise ValueError("something else listens there") from None
    if answer.returncode:
        raise ValueError("it does not answer as Ray does")


def _all_shards(
    ray: Any, audit: Audit, asked: Asked, stage: str, *, of: int, progress: Progress, stop: Stop
) -> None:
    """Have every shard of `stage` done. Raises what the first one raises that fails; StoppedError."""
    devices = 1 if asked.compute.provider == "cuda" else 0
    task = ray.remote(num_cpus=1, num_gpus=devices, max_retries=_RETRIES)(_shard)
    alone = replace(asked, compute=replace(asked.compute, workers=1))
    waiting = [task.remote(str(audit.root), alone, stage, number, of) for number in range(1, of + 1)]
    try:
        while waiting:
            progress(Step(f"{stage} shards", of - len(waiting), of, f"{_machines(ray)} machines"))
            if stop():
                raise StoppedError
            done, waiting = ray.wait(waiting, num_returns=1, timeout=_WAIT_SECONDS)
            try:
                _raise_first(ray.get(done))
            except ray.exceptions.RayError as error:
                why = safe_text(str(error).strip().splitlines()[-1], limit=200)
                raise ClusterError(f"a shard failed ({why})", where=f"--ray, {stage}", fix=_AGAIN) from None
        progress(Step(f"{stage} shards", of, of))
    finally:
        for one in waiting:
            ray.cancel(one, force=True)


def _machines(ray: Any) -> int:
    return sum(bool(node["Alive"]) for node in ray.nodes())


def _shard(root: str, asked: Asked, stage: str, number: int, of: int) -> _Failure | None:
    """Do one shard, in a process of the cluster; return the error that it ends with, in words."""
    try:
        STAGES[stage](Audit(Path(root)), asked, shard=Shard(number, of), progress=silent, stop=never)
    except DejavuError as error:
        return type(error).__name__, error.what, error.where, error.fix
    except OSError as error:
        why = error.strerror or str(error)
        return ClusterError.__name__, why, error.filename and str(error.filename), "mend that and run again"
    except MemoryError:
        return ClusterError.__name__, "out of memory", None, "take machines with more memory for each core"
    return None


def _raise_first(failures: Sequence[_Failure | None]) -> None:
    for failure in failures:
        if failure is not None:
            name, what, where, fix = failure
            kind: type[DejavuError] = getattr(errors, name)
            error = kind.__new__(kind)
            DejavuError.__init__(error, what, fix=fix, where=where)
            raise error
