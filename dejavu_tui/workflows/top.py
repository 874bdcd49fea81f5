"""The attacked images that the target encoder is most confident about: what the browse screen opens on."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import polars as pl

from dejavu_tui.errors import RequestError
from dejavu_tui.records import Kind
from dejavu_tui.scores.rows import Attacked
from dejavu_tui.workflows.chosen import Chosen

Wanted: TypeAlias = Kind | Literal["all"]


def top(
    chosen: Chosen, *, n: int, kind: Wanted = "memorized", parts: Sequence[Attacked] = ("A", "B")
) -> pl.DataFrame:
    """Return the first `n` rows of SAMPLES of this kind, most confident target encoder first, then by image_id.

    E is left out unless asked for: no encoder saw it, so that its memorized images are chance.

    Raises RequestError: n below 1.
    """
    if n < 1:
        raise RequestError(f"the first {n} images are none", fix="choose -n 1 or more")
    wanted = pl.col("part").is_in(parts)
    if kind != "all":
        wanted &= pl.col("kind") == kind
    return chosen.samples.filter(wanted).sort("target_confidence", "image_id", descending=[True, False]).head(n)
