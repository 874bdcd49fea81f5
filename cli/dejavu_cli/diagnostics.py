"""How a command ends: errors become one line on stderr and an exit code, signals are obeyed, pipes may close."""

import errno
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from types import FrameType
from typing import Any, NoReturn

import typer

from dejavu_tui.errors import ContentError, DejavuError, StoppedError
from dejavu_tui.records import Stop
from dejavu_tui.text import safe_text


class ExitCode(IntEnum):
    """Exit codes of both commands; DESIGN 2.2, README, and `--help` say the same."""

    DONE = 0
    FAILED = 1
    REQUEST = 2
    CONTENT = 3
    BUSY = 4
    VERDICT = 5
    INTERRUPTED = 128 + signal.SIGINT
    TERMINATED = 128 + signal.SIGTERM


UsageError: Any = typer.BadParameter.__base__
"""What Typer raises where the command line is not as the command takes it; it has no name for it."""


class Signalled(BaseException):
    """A signal that ends the command; not an Exception, so that nothing on the way swallows it."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(number)


class Verdict(Exception):  # noqa: N818  it is no error: the table is printed all the same
    """The measurement is done and its verdict is no (exit code 5)."""


_LISTED = 100
"""Files that are listed at most."""
_received: list[int] = []


def end(command: Callable[[], object], *, name: str, debug: bool) -> NoReturn:
    """Run `command` and leave the process with its exit code, saying what went wrong on stderr in one line."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _raise)
    code = _run(command, name=name, debug=debug)
    try:
        sys.stdout.flush()
    except OSError as error:
        code = code or _pipe_or_disk(error, name=name)
        _abandon_stdout()
    raise SystemExit(code)


@contextmanager
def graceful() -> Iterator[Stop]:
    """Within the block the first signal is only noted, for the stop callback given; a second one ends at once."""
    _received.clear()

    def note(number: int, _frame: FrameType | None) -> None:
        if _received:
            raise Signalled(number)
        _received.append(number)
        print("saving and stopping; again to stop at once", file=sys.stderr, flush=True)

    previous = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield lambda: bool(_received)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _run(command: Callable[[], object], *, name: str, debug: bool) -> int:
    try:
        left = command()
        if isinstance(left, int):  # --help and --version leave so
            return left
    except UsageError as usage:
        return _misused(usage, name=name)
    except Verdict as verdict:
        _say(name, safe_text(str(verdict)))
        return ExitCode.VERDICT
    except SystemExit as leave:
        return leave.code if isinstance(leave.code, int) else ExitCode.DONE
    except Signalled as signalled:
        return 128 + signalled.number
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BaseException as error:
        if debug:
            for line in traceback.format_exc().splitlines():
                print(safe_text(line), file=sys.stderr)
        return _report(error, name=name)
    return ExitCode.DONE


def _misused(usage: Any, *, name: str) -> int:
    """Say in one line what is wrong with the command line, and where to read what is right."""
    path = name if usage.ctx is None else usage.ctx.command_path
    text = " ".join(usage.format_message().split()).rstrip(".")
    _say(f"{name}: error", safe_text(f"{text}; `{path} -h` tells what it takes", limit=600))
    return ExitCode.REQUEST


def _report(error: BaseException, *, name: str) -> int:
    if isinstance(error, StoppedError):
        _say(name, safe_text(str(error)))
        return 128 + _received[0] if _received else error.exit_code
    if isinstance(error, DejavuError):
        _list(error, name=name)
        _say(f"{name}: error", safe_text(str(error)))
        return error.exit_code
    if isinstance(error, MemoryError):
        _say(f"{name}: error", "out of memory; close other programs or take fewer images")
        return ExitCode.FAILED
    if isinstance(error, OSError):
        return _pipe_or_disk(error, name=name)
    text = safe_text(f"{type(error).__name__}: {error}", limit=300)
    _say(f"{name}: error", f"unexpected {text}; run again with --debug and report what it prints")
    return ExitCode.FAILED


def _list(error: DejavuError, *, name: str) -> None:
    """Say of which files the same is said, before the one line that counts them."""
    listed = error.listed if isinstance(error, ContentError) else ()
    if len(listed) > 1:
        for line in listed[:_LISTED]:
            _say(name, line)
    if len(listed) > _LISTED:
        _say(name, f"and {len(listed) - _LISTED} more")


def _pipe_or_disk(error: OSError, *, name: str) -> int:
    if isinstance(error, BrokenPipeError):
        _abandon_stdout()
        return ExitCode.FAILED
    where = f"{error.filename}: " if error.filename else ""
    fix = "free some space" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "mend that and run again"
    _say(f"{name}: error", safe_text(f"{where}{error.strerror or error}; {fix}"))
    return ExitCode.FAILED


def _say(who: str, text: str) -> None:
    try:
        print(f"{who}: {text}", file=sys.stderr, flush=True)
    except OSError:
        return


def _raise(number: int, _frame: FrameType | None) -> None:
    raise Signalled(number)


def _abandon_stdout() -> None:
    """Let what stdout could not take go nowhere, so that the interpreter does not report it a second time."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
