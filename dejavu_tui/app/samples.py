"""One attacked image as the screen tells it: the truth, and what each of the two encoders answered."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from dejavu_tui.records import Kind, Trainer
from dejavu_tui.workflows.browse import BrowseView

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Neighbour:
    """A public image that an encoder finds near the crop; `match`: it is of the attacked image's class."""

    rank: int
    image_id: int
    path: str
    label_name: str
    distance: float
    match: bool


@dataclass(frozen=True)
class Vote:
    """A class and how many of the neighbours are of it; `match`: it is the attacked image's class."""

    label_name: str
    number: int
    match: bool


@dataclass(frozen=True)
class Answer:
    """What one encoder says about a crop; of a whole image it guesses nothing, there are only neighbours."""

    role: str
    trained_on: Trainer
    saw_it: bool
    guess: str | None
    confidence: float
    hit: bool
    neighbours: tuple[Neighbour, ...]

    @property
    def votes(self) -> list[Vote]:
        """The classes of the neighbours, the guess first, then by number of votes."""
        counted = Counter((neighbour.label_name, neighbour.match) for neighbour in self.neighbours)
        votes = [Vote(name, number, match) for (name, match), number in counted.items()]
        return sorted(votes, key=lambda vote: (vote.label_name != self.guess, -vote.number))


@dataclass(frozen=True)
class Sample:
    """An attacked image with both answers. Boxes and crop are half-open, in pixels of the file."""

    image_id: int
    path: str
    part: str
    label_name: str
    kind: Kind
    crop: Box
    boxes: tuple[Box, ...]
    target: Answer
    reference: Answer


def sample_at(view: BrowseView, place: int) -> Sample:
    """Return the attacked image in row `place` of `view.samples`."""
    return sample_of(view, view.samples.row(place, named=True))


def sample_of(view: BrowseView, row: Mapping[str, Any]) -> Sample:
    """Return the attacked image of a `row` of SAMPLES with its lists, or of TRACE; `view` tells all else of it."""
    target: Trainer = "B" if row["part"] == "B" else "A"
    reference: Trainer = "A" if target == "B" else "B"
    boxes = view.boxes.filter(image_id=row["image_id"]).select("x0", "y0", "x1", "y1")

    def answer(role: str, trained_on: Trainer) -> Answer:
        return Answer(
            role=role,
            trained_on=trained_on,
            saw_it=row["part"] == trained_on,
            guess=view.label_names[row[f"{role}_guess"]],
            confidence=row[f"{role}_confidence"],
            hit=row[f"{role}_hit"],
            neighbours=neighbours(
                view, row[f"{role}_neighbours"], row[f"{role}_distances"], label_name=row["label_name"]
            ),
        )

    return Sample(
        image_id=row["image_id"],
        path=row["path"],
        part=row["part"],
        label_name=row["label_name"],
        kind=row["kind"],
        crop=(row["crop_x0"], row["crop_y0"], row["crop_x1"], row["crop_y1"]),
        boxes=tuple(boxes.iter_rows()),
        target=answer("target", target),
        reference=answer("reference", reference),
    )


def of_whole_image(view: BrowseView, sample: Sample, found: pl.DataFrame) -> Sample:
    """Return `sample` with the neighbours `found` of its whole image: encoder A or B, rank, image_id, distance."""

    def answer(former: Answer) -> Answer:
        mine = found.filter(encoder=former.trained_on).sort("rank")
        near = neighbours(view, mine["image_id"], mine["distance"], label_name=sample.label_name)
        return replace(former, guess=None, neighbours=near)

    return replace(sample, target=answer(sample.target), reference=answer(sample.reference))


def neighbours(
    view: BrowseView, image_ids: Iterable[int], distances: Iterable[float], *, label_name: str
) -> tuple[Neighbour, ...]:
    """Return the public images `image_ids`, nearest first, as neighbours of an image of class `label_name`."""
    found = []
    for rank, (image_id, distance) in enumerate(zip(image_ids, distances, strict=True), start=1):
        path, name = view.image(image_id)
        found.append(Neighbour(rank, image_id, path, name, distance, name == label_name))
    return tuple(found)
