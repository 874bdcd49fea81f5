"""One image for people: its facts, the guess and the votes of both encoders, and their neighbours."""

from textwrap import fill
from typing import TYPE_CHECKING, Any

from dejavu_cli.output import grid
from dejavu_cli.people import end_of, listing, snapshot_line, widest
from dejavu_tui.text import safe_text

if TYPE_CHECKING:
    import polars as pl

_MARK = " *"
_PATH = 60
"""Characters of a path that are shown at most."""


def portrait(frame: "pl.DataFrame", *, neighbours: int, width: int) -> str:
    """Return the rows of one image (as `workflows.show` gives them) as text of `width` columns.

    The first `neighbours` of both encoders stand side by side where there is room, else below each other.
    """
    import polars as pl

    image = frame.row(0, named=True)
    name, kind = safe_text(image["label_name"], limit=60), image["kind"]
    size = f"{image['crop_x1'] - image['crop_x0']}x{image['crop_y1'] - image['crop_y0']}"
    corner = f"({image['crop_x0']}, {image['crop_y0']})"
    lines = [
        f"image {image['image_id']}  {safe_text(image['path'])}",
        *fill(
            f"{name}, in {image['part']}, {kind}; shown was the crop of {size} pixels at {corner}", width
        ).splitlines(),
        snapshot_line(frame).rstrip(),
        "",
    ]
    sides = [frame.filter(encoder=encoder) for encoder in ("target", "reference")]
    for side in sides:
        lines += fill(_answer(side.row(0, named=True)), width, subsequent_indent="  ").splitlines()
        lines += fill(f"  votes of {side.height}: {_votes(side)}", width, subsequent_indent="    ").splitlines()
    lines += ["", f"The nearest public images ({_MARK.strip()}: of the image's class)"]
    near = [side.filter(pl.col("rank") <= neighbours) for side in sides]
    return "\n".join(lines) + "\n" + _neighbours(near, width=width) + _rest(sides[0], neighbours)


def _answer(row: dict[str, Any]) -> str:
    """Return who answers what, how surely."""
    own = row["part"] == row["trained_on"]
    saw = "trained on it" if own else "never saw it"
    guess, right = safe_text(row["guess_name"], limit=60), "right" if row["hit"] else "wrong"
    who = f"{row['encoder']} SSL_{row['trained_on']}, {saw}"
    return f"{who}, guesses {guess}: {right}, confidence {row['confidence']:.3f}"


def _votes(side: "pl.DataFrame") -> str:
    """Return the votes of the first guesses, in their order, and of all other classes together."""
    first = side.drop_nulls("label_place").unique("label_place").sort("label_place")
    told = [
        f"{safe_text(row['neighbour_label_name'], limit=30)}{_MARK if row['match'] else ''} {row['label_votes']}"
        for row in first.iter_rows(named=True)
    ]
    others = side["label_place"].null_count()
    return ", ".join([*told, *([f"others {others}"] if others else [])])


def _neighbours(near: "list[pl.DataFrame]", *, width: int) -> str:
    beside = _beside(near)
    if widest(beside) <= width:
        return beside
    headings = (f"\n{side['encoder'][0]} SSL_{side['trained_on'][0]}\n" for side in near)
    return "".join(
        heading + listing(side.select("rank", **_columns("")), width=width)
        for heading, side in zip(headings, near, strict=True)
    )


def _beside(near: "list[pl.DataFrame]") -> str:
    import polars as pl

    columns = [side.select(**_columns(f"{side['encoder'][0]}_")) for side in near]
    return grid(pl.concat([near[0].select("rank"), *columns], how="horizontal"))


def _columns(prefix: str) -> "dict[str, pl.Expr]":
    import polars as pl

    match = pl.when("match").then(pl.lit(_MARK)).otherwise(pl.lit(""))
    return {
        f"{prefix}distance": pl.col("distance"),
        f"{prefix}class": pl.col("neighbour_label_name") + match,
        f"{prefix}image": pl.col("neighbour_image_id"),
        f"{prefix}path": pl.col("neighbour_path").map_elements(_short, return_dtype=pl.String),
    }


def _short(path: str) -> str:
    return end_of(path, _PATH)


def _rest(side: "pl.DataFrame", shown: int) -> str:
    left = side.height - shown
    return f"{left} more voted; -n {side.height} shows all\n" if left > 0 else ""
