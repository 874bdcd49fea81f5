"""Options that several commands share, word for word."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from dejavu_cli.output import Format

AuditFolder: TypeAlias = Annotated[
    Path | None, typer.Argument(help="Audit folder. Default: the one you are in or beside.")
]
Run: TypeAlias = Annotated[str | None, typer.Option(metavar="R", help="Which run. Default: the one trained last.")]
Epoch: TypeAlias = Annotated[int | None, typer.Option(metavar="N", help="Which snapshot. Default: the last.")]
Layer: TypeAlias = Annotated[
    str | None, typer.Option(metavar="L", help="Which layer. Default: projector, or the last where there is none.")
]
Voters: TypeAlias = Annotated[
    int | None, typer.Option("--k", metavar="K", help="Neighbours that vote. Default: the audit's k.")
]
Out: TypeAlias = Annotated[str, typer.Option(metavar="-|FILE", help="Where to write.")]
AsFormat: TypeAlias = Annotated[
    Format | None, typer.Option(help="Default: by FILE's ending; a table on a terminal, CSV in a pipe.")
]
FilterBy: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--filter", metavar="EXPR", help="Which images, as 'kind:memorized class:swan conf>-1'; docs/filters.md."
    ),
]
ViewNamed: TypeAlias = Annotated[
    str | None, typer.Option("--view", metavar="NAME", help="The images of a saved view: `dejavu views`.")
]
SortBy: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--sort",
        metavar="FIELD",
        help="By id, path, class, guess, rguess, conf, rconf, gap, kind or part. Default: conf, largest first.",
    ),
]
Reverse: TypeAlias = Annotated[bool, typer.Option("--reverse", help="In the opposite order.")]


Workers: TypeAlias = Annotated[
    int | None,
    typer.Option("--workers", metavar="N", min=1, help="Threads that decode and embed. Default: one a core."),
]


class Providers(StrEnum):
    """What onnxruntime computes on."""

    CPU = "cpu"
    CUDA = "cuda"
    OPENVINO = "openvino"
    COREML = "coreml"


ComputedOn: TypeAlias = Annotated[
    Providers, typer.Option("--providers", help="What onnxruntime embeds on, where its package is installed.")
]


class Precision(StrEnum):
    """Of exported encoders."""

    FP32 = "fp32"
    INT8 = "int8"


Epochs: TypeAlias = Annotated[
    str | None, typer.Option("--epoch", metavar="N|all", help="Which snapshot. Default: the last.")
]
Layers: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--layer",
        metavar="L",
        help="backbone, projector.1, ..., projector; may be repeated. Default: projector, or the last.",
    ),
]
ShardOf: TypeAlias = Annotated[
    str | None, typer.Option("--shard", metavar="I/N", help="Part I of N of the work, as 3/16.")
]


class SearchChoice(StrEnum):
    """How neighbours are searched."""

    AUTO = "auto"
    EXACT = "exact"
    HNSW = "hnsw"


SearchBy: TypeAlias = Annotated[
    SearchChoice,
    typer.Option("--search", help="auto: exact up to 1e14 queries x public images x dims, else hnsw."),
]
Recall: TypeAlias = Annotated[float, typer.Option("--recall", metavar="R", help="Recall that hnsw must reach.")]


class TrainedOn(StrEnum):
    """Which of the two encoders, by the part that it was trained on."""

    A = "A"
    B = "B"
