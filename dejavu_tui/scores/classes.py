"""The partition class by class: whose objects an encoder remembers, on all attacked images (METHOD 2.4)."""

import polars as pl

from dejavu_tui.records import KINDS

_NUMBERS = ("accuracy_target", "accuracy_reference", "gap", *KINDS)


def class_rows(hits: pl.DataFrame, classes: pl.DataFrame, *, directions: bool = False) -> pl.DataFrame:
    """Return direction, label, label_name, n, accuracies, gap, shares of the kinds and note, a row for each class.

    `hits` holds part, label, target_hit and reference_hit of each attacked image, `classes` label and label_name
    of each class. Directions: `both`; A and B with `directions`; E if it holds images. The split gives A and B as
    many images of each class, so that counting them together is the mean of the two, and the rows weighted by
    their n are the score table's row at 100%. A class without an attacked image has n = 0, nulls, and a note.
    """
    chosen: list[tuple[str, tuple[str, ...]]] = [("both", ("A", "B"))]
    if directions:
        chosen += [("A", ("A",)), ("B", ("B",))]
    if (hits["part"] == "E").any():
        chosen.append(("E", ("E",)))
    return pl.concat(
        _rows(hits.filter(pl.col("part").is_in(parts)), classes.sort("label"), direction=direction)
        for direction, parts in chosen
    )


def _rows(hits: pl.DataFrame, classes: pl.DataFrame, *, direction: str) -> pl.DataFrame:
    target, reference = pl.col("target_hit"), pl.col("reference_hit")
    found = hits.group_by("label").agg(
        n=pl.len().cast(pl.Int64),
        accuracy_target=target.mean(),
        accuracy_reference=reference.mean(),
        gap=target.mean() - reference.mean(),
        memorized=(target & ~reference).mean(),
        correlated=(target & reference).mean(),
        misrepresented=(~target & reference).mean(),
        unassociated=(~target & ~reference).mean(),
    )
    where = "A or B" if direction == "both" else direction
    return (
        classes.join(found, on="label", how="left", maintain_order="left")
        .with_columns(
            direction=pl.lit(direction),
            n=pl.col("n").fill_null(0),
            note=pl.when(pl.col("n").is_null()).then(pl.lit(f"no image of this class in {where} is attacked")),
        )
        .select("direction", "label", "label_name", "n", *_NUMBERS, "note")
    )
