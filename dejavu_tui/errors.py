"""The tree of errors: each says what is wrong, where, and what to do next, and knows its exit code.

DejavuError            1  the command failed
├── RequestError       2  what was typed: an unknown name, k > |X|, no audit there, no terminal
│   └── FilterError        a filter that cannot be read, and the place in it
├── ContentError       3  what a file holds
│   ├── ImageError         an image that cannot be read
│   ├── AnnotationError    a bounding box file that cannot be trusted
│   ├── ArtefactError      a damaged, foreign or unsafe file of an audit
│   └── SettingsError      a settings file, or other settings in the same place
├── BusyError          4  another process writes the same place
├── ClusterError       1  a part of a cluster that failed
├── DecoderGoneError   1  a process that decodes images has ended
├── TrainingError      1  a training that cannot go on (NaN, collapse)
│   └── PeerGoneError      another process of the same training ended first
├── ParityError        1  an export that does not compute what the network computes
├── MeasurementError   1  numbers that cannot be trusted (NaN or constant embeddings)
└── StoppedError     130  stopped by the user; what was finished is kept
"""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Self


class DejavuError(Exception):
    """Base of all errors that a user may see.

    `what` is wrong, `where` it is (a file, a row, an option), and `fix`: what to do next.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, fix: str, where: str | Path | None = None) -> None:
        self.what = what
        self.where = None if where is None else str(where)
        self.fix = fix
        super().__init__(what, fix, self.where)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}; {self.fix}"


class RequestError(DejavuError):
    """What was typed cannot be done."""

    exit_code = 2


class FilterError(RequestError):
    """A filter that cannot be read: `span` are the characters [start, end) of what was typed that are wrong."""

    def __init__(self, what: str, *, fix: str, span: tuple[int, int]) -> None:
        self.span = span
        super().__init__(what, fix=fix, where=f"filter, character {span[0] + 1}")


class ContentError(DejavuError):
    """A file holds something that cannot be used; `listed` are all files of which this is said, where there are
    several.
    """

    exit_code = 3
    listed: tuple[str, ...] = ()

    @classmethod
    def of_all(cls, told: Sequence[tuple[str, str]], *, called: str, fix: str) -> Self:
        """Return the error of the first of `told`, (where, what is wrong) of each file, safe to show; it counts the
        others, `called` so, and lists all.
        """
        where, what = told[0]
        others = f" (and {len(told) - 1} more {called})" if len(told) > 1 else ""
        error = cls(f"{what}{others}", where=where, fix=fix)
        error.listed = tuple(f"{where}: {what}" for where, what in told)
        return error


class ImageError(ContentError):
    """An image that cannot be read, or is not allowed to be."""


class AnnotationError(ContentError):
    """A bounding box file that does not parse or does not fit its image."""


class ArtefactError(ContentError):
    """A file of the audit that is damaged, foreign or unsafe."""


class SettingsError(ContentError):
    """A settings file that does not parse, or settings that differ from those already used there."""


class BusyError(DejavuError):
    """Another process is writing the same place."""

    exit_code = 4


class DecoderGoneError(DejavuError):
    """A process that decodes images has ended."""


class ClusterError(DejavuError):
    """A machine or process of a cluster that could not do its part."""


class TrainingError(DejavuError):
    """A training that cannot go on."""


class PeerGoneError(TrainingError):
    """Another process of the same training has ended, and its own error says why."""


class ParityError(DejavuError):
    """The exported graph and the network disagree."""


class MeasurementError(DejavuError):
    """Embeddings or scores that would give a wrong number."""


class StoppedError(DejavuError):
    """The user asked to stop; complete artefacts are kept and the same command goes on from there."""

    exit_code = 130

    def __init__(self, what: str = "stopped", *, fix: str = "the same command goes on from here") -> None:
        super().__init__(what, fix=fix)
