"""Tables of attacked images with the columns that listings read, made from drawn rows."""

import polars as pl
from hypothesis import strategies as st

from dejavu_tui.records import KINDS

NAMES = {0: "Bag", 1: "Black swan", 2: "Swan", 3: 'a "b", c'}
TAGS = ("ok", "OK2", "look")

rows = st.fixed_dictionaries(
    {
        "part": st.sampled_from(["A", "B", "E"]),
        "label": st.sampled_from(list(NAMES)),
        "target_guess": st.sampled_from(list(NAMES)),
        "reference_guess": st.sampled_from(list(NAMES)),
        "target_confidence": st.sampled_from([-2.0, -1.5, -1.0, 0.0]),
        "reference_confidence": st.sampled_from([-2.0, -1.0, 0.0]),
        "kind": st.sampled_from(KINDS),
    }
)
tags = st.dictionaries(st.integers(0, 36), st.frozensets(st.sampled_from(TAGS)), max_size=8)


def samples(drawn: list[dict[str, object]]) -> pl.DataFrame:
    """Return the rows with ids 0, 3, 6, ... and paths in byte order, as the ids of an audit are given."""
    schema = {
        "part": pl.String,
        "label": pl.Int64,
        "target_guess": pl.Int64,
        "reference_guess": pl.Int64,
        "target_confidence": pl.Float64,
        "reference_confidence": pl.Float64,
        "kind": pl.String,
    }
    return pl.DataFrame(drawn, schema=schema).with_columns(
        image_id=pl.int_range(pl.len(), dtype=pl.Int64) * 3,
        path=pl.format("{}/Img.PNG", pl.int_range(pl.len()).cast(pl.String).str.zfill(4)),
        label_name=pl.col("label").replace_strict(NAMES, return_dtype=pl.String),
        confidence_gap=pl.col("target_confidence") - pl.col("reference_confidence"),
    )
