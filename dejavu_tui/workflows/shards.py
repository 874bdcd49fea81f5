"""Who may write a stage: one process the whole of it, or several beside each other a shard each."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dejavu_tui.records import Shard
from dejavu_tui.workspace import Audit


@contextmanager
def whole_lock(audit: Audit, stage: str) -> Iterator[None]:
    """Hold the right to make all of `stage` and to put its pieces together.

    Raises BusyError: another process has it, or makes a shard.
    """
    room = audit.pieces_folder(stage).parent
    with audit.lock(at=room), ExitStack() as stack:
        for folder in sorted(_shards(audit, stage).glob("*-of-*")):
            stack.enter_context(audit.lock(at=folder))
        yield


@contextmanager
def shard_lock(audit: Audit, stage: str, shard: Shard) -> Iterator[None]:
    """Hold the right to make `shard` of `stage`. Raises BusyError: another process has it."""
    with audit.lock(at=_shards(audit, stage) / f"{shard.number}-of-{shard.of}"):
        yield


def _shards(audit: Audit, stage: str) -> Path:
    return audit.pieces_folder(stage) / "shards"
