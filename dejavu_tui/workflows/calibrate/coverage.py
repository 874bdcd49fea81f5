"""How often the 95% interval holds the score of the population that the attacked images were drawn from.

Each data set is new: images, backgrounds, X and both encoders. What a background makes of an encoder is drawn for
each attacked image apart from all others: it tells the class (both encoders are sure and right), misleads (both
are sure and wrong), is remembered by the encoder that was trained on it (sure and right), leaves it torn between
the class and one other (right in 1/2), or vague (right in 1/8). Sure, torn and vague images have confidences in
this order in every data set, and within each the confidence says nothing about the hit. So the population's
accuracy at every p is known exactly, whatever X and whatever the neighbours.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.errors import StoppedError
from dejavu_tui.records import EncoderId, Progress, Step, Stop
from dejavu_tui.scores.intervals import LEVEL
from dejavu_tui.seeds import child_seed, generator
from dejavu_tui.workflows.calibrate.knowledge import of_classes, plant, sure, torn, vague
from dejavu_tui.workflows.calibrate.noise import Expected
from dejavu_tui.workflows.calibrate.pictures import CLASSES, World, build_world
from dejavu_tui.workflows.runs import TRAINERS
from dejavu_tui.workflows.score import score_run

PER_CLASS = 25
"""Attacked images of each class in A and in B: 200 a direction."""
TELLS, MISLEADS = 0.06, 0.02
REMEMBERED = 0.08
"""Of what neither tells nor misleads, for the encoder trained on it."""
TORN = 0.3
"""Of what is left."""
TOPS = (20, 100)
WANTED = Expected(LEVEL, 0.93, 0.97)
_PUBLIC = 46
_RUN = "coverage"


@dataclass(frozen=True)
class Population:
    """An encoder's answers to images of one part: share of the images and share of hits among them, by level of
    confidence, the most confident first.
    """

    shares: tuple[float, ...]
    hits: tuple[float, ...]

    @classmethod
    def of(cls, remembered: float) -> "Population":
        """Return that of an encoder that remembers this share of what neither tells nor misleads."""
        rest = 1 - TELLS - MISLEADS
        certain = TELLS + MISLEADS + rest * remembered
        between = rest * (1 - remembered) * TORN
        right = (TELLS + rest * remembered) / certain
        return cls((certain, between, 1 - certain - between), (right, 1 / 2, 1 / len(CLASSES)))

    def accuracy(self, percent: int) -> float:
        """Return the share of hits among the `percent` most confident, in the expectation over ties."""
        left, right = percent / 100, 0.0
        for share, hits in zip(self.shares, self.hits, strict=True):
            right += min(share, left) * hits
            left = max(0.0, left - share)
        return right / (percent / 100)


def planted_score(percent: int) -> float:
    """Return the déjà vu score at p% of the population, the same in both directions."""
    return Population.of(REMEMBERED).accuracy(percent) - Population.of(0).accuracy(percent)


def coverage_rows(
    datasets: int, *, seed: int, progress: Progress, stop: Stop
) -> Iterator[tuple[str, Expected, float]]:
    """Yield for each of TOPS the quantity, what is wanted, and the share of `datasets` whose interval of both
    directions holds the planted score. Nothing without data sets.

    Raises what `score_run` raises, and StoppedError.
    """
    held = dict.fromkeys(TOPS, 0)
    for number in range(datasets):
        if stop():
            raise StoppedError("stopped", fix="the coverage starts anew with the same command")
        progress(Step("coverage", number, datasets))
        with tempfile.TemporaryDirectory(prefix="dejavu-") as folder:
            world = build_world(
                Path(folder),
                dial=0,
                per_class=PER_CLASS,
                external=0,
                public=_PUBLIC,
                seed=child_seed(seed, "coverage", number),
                stop=stop,
            )
            _plant(world)
            scores = score_run(world.audit, run=_RUN, tops=TOPS, stop=stop).filter(direction="both")
        for percent, low, high in scores.select("top_percent", "ci_low", "ci_high").iter_rows():
            held[percent] += low <= planted_score(percent) <= high
    if datasets:
        progress(Step("coverage", datasets, datasets))
        for percent, times in held.items():
            yield f"both, top {percent}%, of {datasets}", WANTED, times / datasets


def _plant(world: World) -> None:
    attacked = world.attacked("A", "B")
    labels, parts = world.labels[attacked], np.isin(attacked, world.attacked("A"))
    rng = generator(world.seed, "coverage")
    drawn = rng.random(len(attacked))
    tells, misleads = drawn < TELLS, (drawn >= TELLS) & (drawn < TELLS + MISLEADS)
    elsewhere = _others(labels, rng)
    for trainer in TRAINERS:
        own = parts if trainer == "A" else ~parts
        remembered = own & (rng.random(len(attacked)) < REMEMBERED)
        halves = rng.random(len(attacked)) < TORN
        answers = np.select(
            [one[:, None] for one in (misleads, tells | remembered, halves)],
            [sure(elsewhere), sure(labels), torn(labels, _others(labels, rng))],
            vague(len(attacked), rng),
        )
        known = of_classes(world, trainer).and_of(world.backgrounds[attacked], answers)
        plant(world, EncoderId(_RUN, trainer, 1), known)


def _others(labels: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return for each of `labels` (n,) one of the seven other classes."""
    others: NDArray[np.int64] = (labels + rng.integers(1, len(CLASSES), len(labels))) % len(CLASSES)
    return others
