"""The attacked images that the target encoder is most confident about: what the browse screen opens on."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import polars as pl

from dejavu_tui.errors import RequestError
from dejavu_tui.records import Kind, Progress, Stop, never, silent
from dejavu_tui.scores.rows import Attacked
from dejavu_tui.workflows.chosen import chosen_samples
from dejavu_tui.workflows.index import RECALL
from dejavu_tui.workflows.pairs import LAYER
from dejavu_tui.workspace import Audit

Wanted: TypeAlias = Kind | Literal["all"]


def top(
    audit: Audit,
    *,
    n: int,
    kind: Wanted = "memorized",
    parts: Sequence[Attacked] = ("A", "B"),
    run: str | None = None,
    epoch: int | None = None,
    layer: str = LAYER,
    k: int | None = None,
    search: str = "auto",
    recall: float = RECALL,
    progress: Progress = silent,
    stop: Stop = never,
) -> pl.DataFrame:
    """Return the first `n` rows of SAMPLES of this kind, most confident target encoder first, then by image_id.

    Defaults and what is made on the way as `chosen_samples`. E is left out unless asked for: no encoder saw it, so
    that its memorized images are chance.

    Raises RequestError: n below 1; and as `chosen_samples` does.
    """
    if n < 1:
        raise RequestError(f"the first {n} images are none", fix="choose -n 1 or more")
    chosen = chosen_samples(
        audit,
        run=run,
        epoch=epoch,
        layer=layer,
        k=k,
        search=search,
        recall=recall,
        progress=progress,
        stop=stop,
    )
    wanted = pl.col("part").is_in(parts)
    if kind != "all":
        wanted &= pl.col("kind") == kind
    return chosen.samples.filter(wanted).sort("target_confidence", "image_id", descending=[True, False]).head(n)
