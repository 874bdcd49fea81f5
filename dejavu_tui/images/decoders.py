"""Processes that decode images while this one computes: no lock of the interpreter is shared with them.

Each is asked for one thing at a time by a thread that does nothing but wait; so no result depends on how many there
are, and nothing is ever left in a pipe.
"""

import fcntl
import json
import os
import queue
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.errors import DecoderGoneError
from dejavu_tui.images.decoding import ERRORS, HEADER_BYTES, Cut, File, cut_request, inspect_request, look_request
from dejavu_tui.images.inspecting import Inspected
from dejavu_tui.text import safe_text

CORES = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
"""Cores that this process may use."""
WORKERS = min(8, CORES)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_END_SECONDS = 2.0
_PIPE_BYTES = 1 << 20
"""So that a process need not wait in the middle of an answer."""


class Decoders:
    """What decodes images side by side."""

    def __init__(self, pool: ThreadPoolExecutor, idle: "queue.SimpleQueue[_Process]") -> None:
        self._pool, self._idle = pool, idle

    def look(self, files: Sequence[File], *, size: int) -> NDArray[np.uint8]:
        """Return the `files` as `decoding.look_at` does, and raise what it raises; the thread waits for a process.

        Raises DecoderGoneError: that process is gone.
        """
        pixels = np.empty((len(files), size, size, 3), np.uint8)
        if files:
            self._ask(look_request(files, size=size), into=[pixels], first=files[0].path)
        return pixels

    def inspect(self, files: Sequence[tuple[str, str | None]], *, pixels: bool) -> "Future[list[Inspected]]":
        """Begin to inspect `files`, each with its annotation or None, as `inspecting.inspect` does.

        The future raises DecoderGoneError: the process is gone.
        """
        return self._pool.submit(self._inspect, inspect_request(files, pixels=pixels), first=files[0][0])

    def _inspect(self, request: bytes, *, first: str) -> list[Inspected]:
        process = self._idle.get()
        try:
            return [Inspected(*told) for told in process.tell(request, first=first)]
        finally:
            self._idle.put(process)

    def begin(self, path: Path, cuts: Sequence[Cut], *, into: Sequence[NDArray[np.uint8]]) -> "Future[None]":
        """Begin to put the `cuts` of the image at `path` `into` arrays (size, size, 3), one each.

        The future raises ImageError: the image cannot be read. DecoderGoneError: the process is gone.
        """
        return self._pool.submit(self._ask, cut_request(path, cuts), into=into, first=str(path))

    def _ask(self, request: bytes, *, into: Sequence[NDArray[np.uint8]], first: str) -> None:
        process = self._idle.get()
        try:
            process.fill(request, into=into, first=first)
        finally:
            self._idle.put(process)


@contextmanager
def open_decoders(workers: int = WORKERS) -> Iterator[Decoders]:
    """Start `workers` processes; they end with the block, and by themselves if this process is killed."""
    idle = queue.SimpleQueue[_Process]()
    processes: list[_Process] = []
    pool = ThreadPoolExecutor(workers)
    try:
        for _ in range(workers):
            processes.append(_Process())
            idle.put(processes[-1])
        yield Decoders(pool, idle)
    finally:
        pool.shutdown(cancel_futures=True)
        for process in processes:
            process.ask_to_end()
        for process in processes:
            process.end()


class _Process:
    def __init__(self) -> None:
        # What a terminal signals is meant for this process: it saves what it has and then ends that one.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            command = [sys.executable, "-P", "-m", "dejavu_tui.images.decoding"]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        assert self._process.stdin is not None  # noqa: S101  for the type checker
        assert self._process.stdout is not None  # noqa: S101
        self._requests: IO[bytes] = self._process.stdin
        self._answers: IO[bytes] = self._process.stdout
        if sys.platform == "linux":
            with suppress(OSError):  # more than a user may have: it is only slower
                fcntl.fcntl(self._answers, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    def fill(self, request: bytes, *, into: Sequence[NDArray[np.uint8]], first: str) -> None:
        """Put what the process answers `into` arrays; the `first` image asked for is named where it is gone."""
        with self._named(first):
            self._ask(request)
            for pixels in into:
                pixels[...] = np.frombuffer(self._read(pixels.nbytes), np.uint8).reshape(pixels.shape)

    def tell(self, request: bytes, *, first: str) -> list[Any]:
        """Return what the process answers; the `first` image asked for is named where it is gone."""
        with self._named(first):
            self._ask(request)
            told: list[Any] = json.loads(self._read(int.from_bytes(self._read(HEADER_BYTES))))
        return told

    def _ask(self, request: bytes) -> None:
        self._requests.write(request)
        self._requests.flush()
        length = int.from_bytes(self._read(HEADER_BYTES))
        if length:
            kind, what, where, fix = json.loads(self._read(length))
            raise ERRORS[kind](what, where=where, fix=fix)

    @contextmanager
    def _named(self, first: str) -> Iterator[None]:
        try:
            yield
        except (BrokenPipeError, EOFError):
            raise DecoderGoneError(
                f"a process that decodes images ended (exit code {self._process.wait()})",
                where=safe_text(first),
                fix="if memory was short, take fewer workers; the same command goes on",
            ) from None

    def ask_to_end(self) -> None:
        with suppress(BrokenPipeError):  # it has ended already
            self._requests.close()

    def end(self) -> None:
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._answers.close()

    def _read(self, count: int) -> bytes:
        data = self._answers.read(count)
        if len(data) < count:
            raise EOFError
        return data
