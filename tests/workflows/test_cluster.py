"""A Ray cluster of two workers on this machine: slow to start, so all of it is tried in a few tests."""

import errno
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dejavu_tui.errors import ArtefactError, ClusterError, RequestError, StoppedError
from dejavu_tui.records import EncoderId, Step, never, silent
from dejavu_tui.workflows import cluster
from dejavu_tui.workflows.by_shard import STAGES, Asked
from dejavu_tui.workflows.cluster import measure_on_ray
from dejavu_tui.workspace import Audit
from tests.data.planted import RUN, planted_audit
from tests.workflows.test_by_shard import run, stored

ASKED = Asked(RUN, (20,), k=7)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Of a cluster of two nodes with one worker each."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    cluster_utils = pytest.importorskip("ray.cluster_utils")
    small: dict[str, Any] = {"num_cpus": 1, "object_store_memory": 80_000_000}
    nodes = cluster_utils.Cluster(initialize_head=True, head_node_args=small | {"include_dashboard": False})
    nodes.add_node(**small)
    nodes.wait_for_nodes()
    yield str(nodes.address)
    nodes.shutdown()


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    return planted_audit(tmp_path / "here", images=60, attacked=12, memory={20: 1.0})


def whole(audit: Audit) -> dict[str, bytes]:
    folder = audit.root.parent.with_name("whole")
    shutil.copytree(audit.root.parent, folder)
    run(Audit(folder / "audit"), "search", ASKED)
    return stored(Audit(folder / "audit"))


def test_two_machines_give_the_bytes_of_one_process(audit: Audit, address: str) -> None:
    expected = whole(audit)
    steps: list[Step] = []
    measure_on_ray(audit, ASKED, address=address, progress=steps.append, stop=never)
    assert stored(audit) == expected
    ended = {step.stage: (step.done, step.total) for step in steps if "shards" in step.stage}
    assert ended == {"embed shards": (8, 8), "search shards": (8, 8)}
    assert {step.detail for step in steps if step.stage == "embed shards" and step.detail} == {"2 machines"}


def test_a_worker_that_is_killed_is_replaced(audit: Audit, address: str) -> None:
    expected = whole(audit)
    killed: list[int] = []

    def kill_the_first() -> None:
        deadline = time.monotonic() + 60
        while not killed and time.monotonic() < deadline:
            for entry in Path("/proc").glob("[0-9]*"):
                try:
                    if (entry / "cmdline").read_bytes().startswith(b"ray::_shard"):
                        os.kill(int(entry.name), signal.SIGKILL)
                        killed.append(int(entry.name))
                        break
                except OSError:
                    continue

    killer = threading.Thread(target=kill_the_first)
    killer.start()
    measure_on_ray(audit, ASKED, address=address, progress=silent, stop=never)
    killer.join()
    assert killed
    assert stored(audit) == expected


def test_what_goes_wrong_there_is_told_here(audit: Audit, address: str) -> None:
    path = audit.source / audit.members("X")["path"][5]
    path.write_bytes((audit.source / audit.members("X")["path"][6]).read_bytes())
    with pytest.raises(ArtefactError, match=f"{path.name}: is not as it was at the split; put the old image back"):
        measure_on_ray(audit, ASKED, address=address, progress=silent, stop=never)


def test_it_can_be_stopped(audit: Audit, address: str) -> None:
    with pytest.raises(StoppedError):
        measure_on_ray(audit, ASKED, address=address, progress=silent, stop=lambda: True)


@pytest.mark.parametrize(
    ("typed", "said"),
    [("nowhere", "write HOST:PORT"), ("127.0.0.1:9", "refused")],
)
def test_where_no_cluster_is_it_says_so_at_once(audit: Audit, typed: str, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        measure_on_ray(audit, ASKED, address=typed, progress=silent, stop=never)


def test_a_search_by_an_index_builds_it_first(audit: Audit, address: str) -> None:
    measure_on_ray(audit, replace(ASKED, search="hnsw"), address=address, progress=silent, stop=never)
    folder = audit.neighbours_folder(EncoderId(RUN, "A", 20), layer="projector", search="hnsw")
    assert (folder / "ids.npy").is_file()


def test_a_full_disk_there_is_told_here(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    failure = ("ClusterError", "No space left on device", "/data/audit", "mend that and run again")
    with pytest.raises(ClusterError, match="/data/audit: No space left on device; mend that and run again"):
        cluster._raise_first([None, failure])
    monkeypatch.setitem(STAGES, "embed", full)
    assert cluster._shard(str(audit.root), ASKED, "embed", 1, 2) == failure


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device", "/data/audit")


def test_signals_are_still_the_commands(audit: Audit, address: str) -> None:
    def mine(*_: object) -> None:
        return

    before = signal.signal(signal.SIGTERM, mine)
    try:
        measure_on_ray(audit, ASKED, address=address, progress=silent, stop=never)
        assert signal.getsignal(signal.SIGTERM) is mine
    finally:
        signal.signal(signal.SIGTERM, before)


def test_without_ray_it_says_what_to_install(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(RequestError, match=r"Ray is not installed; pip install 'dejavu-tui\[ray\]'"):
        measure_on_ray(audit, ASKED, address="local", progress=silent, stop=never)
