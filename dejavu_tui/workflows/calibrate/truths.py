"""The planted truths: which two encoders make each, and what the instrument must then measure.

In all of them the label of an image was drawn without a look at its background unless the background tells it.
So of what an encoder does not know it is right in 1/8 whatever it guesses and however confident it is; two
encoders that are vague apart from each other are both right in 1/64. `n` images are attacked in each of A, B and E,
m = p n // 100 of them count at p%; a background tells with probability `dial`. Hits of both directions are counted
together: twice n images, and a mean of two accuracies is their sum over 2n.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from dejavu_tui.records import EncoderId, Trainer
from dejavu_tui.seeds import generator
from dejavu_tui.workflows.calibrate.knowledge import (
    Knowledge,
    correlating,
    nothing,
    plant,
    remembering,
)
from dejavu_tui.workflows.calibrate.noise import Counts, Expected, binomial, differences, exactly, mixture, width
from dejavu_tui.workflows.calibrate.pictures import CLASSES, World

CHANCE = 1 / len(CLASSES)
RESAMPLES = 1000
SHARE_CUT = 30
"""The top p% of which `remembers a part` remembers every image, and not one image more."""


@dataclass(frozen=True)
class Quantity:
    """One number of the score table, and what it must be."""

    column: str
    direction: str
    top_percent: int
    expected: Expected


@dataclass(frozen=True)
class Truth:
    """A pair of encoders: `knows` says what each, `expects` what follows for the score table."""

    name: str
    dials: tuple[float, ...]
    """The worlds in which it is planted."""
    knows: Callable[[World], Mapping[Trainer, Knowledge]]
    expects: Callable[[float, int], Iterator[Quantity]]
    """Of the dial and n."""

    @property
    def run(self) -> str:
        """The run in the audit."""
        return self.name.replace(" ", "-")

    def plant(self, world: World) -> None:
        """Publish both encoders, as exported at epoch 1."""
        for trainer, knowledge in self.knows(world).items():
            plant(world, EncoderId(self.run, trainer, 1), knowledge)


def kept(n: int, percent: int) -> int:
    """Return the m of METHOD section 3."""
    return max(1, percent * n // 100)


def right(dial: float) -> float:
    """Return how probably an encoder that remembers nobody is right."""
    return dial + (1 - dial) * CHANCE


def top_hits(n: int, dial: float, percent: int) -> Counts:
    """Return the hits of an encoder that remembers nobody on its top p%.

    T of the n backgrounds tell, T binomial; they come first, as confidence 0, and are hits. Of the m - T places
    left, if any, CHANCE are hits, whatever the confidences.
    """
    m = kept(n, percent)
    told = binomial(n, dial)
    return mixture(
        [
            (float(weight), binomial(m - min(m, t), CHANCE).plus(min(m, t)))
            for t, weight in enumerate(told.weights, start=told.first)
        ]
    )


def top_differences(n: int, dial: float, percent: int) -> Counts:
    """Return by how many hits two encoders that remember nobody differ on their top p%: T is the same for both."""
    m = kept(n, percent)
    told = binomial(n, dial)
    chosen = [(binomial(m - min(m, t), CHANCE), float(w)) for t, w in enumerate(told.weights, start=told.first)]
    return mixture([(weight, one + -one) for one, weight in chosen])


def _correlates(world: World) -> dict[Trainer, Knowledge]:
    nobody = np.empty(0, np.int64)
    return {"A": correlating(world, "A", but=nobody), "B": correlating(world, "B", but=nobody)}


def _expect_correlates(dial: float, n: int) -> Iterator[Quantity]:
    """The same for both: accuracy dial + (1 - dial)/8, more on the top; the score is 0 at every p.

    An image moves the score by 1 or -1 with probability (1 - dial) 1/8 7/8 each.
    """
    moved = (1 - dial) * CHANCE * (1 - CHANCE)
    for column in ("accuracy_target", "accuracy_reference"):
        yield Quantity(column, "both", 100, binomial(2 * n, right(dial)).over(2 * n))
        top = top_hits(n, dial, 20)
        yield Quantity(column, "both", 20, (top + top).over(2 * kept(n, 20)))
    apart = top_differences(n, dial, 20)
    yield Quantity("dejavu_score", "both", 20, (apart + apart).over(2 * kept(n, 20)))
    yield Quantity("dejavu_score", "both", 100, differences(2 * n, moved).over(2 * n))
    yield Quantity("correlated", "both", 100, binomial(2 * n, dial + (1 - dial) * CHANCE**2).over(2 * n))
    if 0 < dial < 1:
        relative = np.sqrt((1 - 2 * moved) / (2 * moved * 2 * n))  # of a Bernoulli's mean, 2 moved
        expected = width(2 * moved, relative=relative, n=2 * n, resamples=RESAMPLES)
        yield Quantity("interval width", "both", 100, expected)


def _remembers_all(world: World) -> dict[Trainer, Knowledge]:
    return {
        "A": remembering(world, "A", world.attacked("A")),
        "B": remembering(world, "B", world.attacked("B")),
    }


def _expect_remembers_all(dial: float, n: int) -> Iterator[Quantity]:
    """The target encoder is always right, so the score is 1 less what correlation and chance give the reference.

    Nothing is misrepresented. On E, which nobody remembers, the score is 0 as for two encoders that correlate.
    """
    missed = binomial(2 * n, 1 - right(dial))
    top = top_hits(n, dial, 20)
    yield Quantity("accuracy_target", "both", 20, exactly(1))
    yield Quantity("accuracy_target", "both", 100, exactly(1))
    yield Quantity("accuracy_reference", "both", 100, (-missed).plus(2 * n).over(2 * n))
    yield Quantity("dejavu_score", "both", 20, (-(top + top)).plus(2 * kept(n, 20)).over(2 * kept(n, 20)))
    yield Quantity("dejavu_score", "both", 100, missed.over(2 * n))
    yield Quantity("memorized", "both", 100, missed.over(2 * n))
    yield Quantity("misrepresented", "both", 100, exactly(0))
    if dial == 0:
        moved = CHANCE * (1 - CHANCE)
        yield Quantity("dejavu_score", "E", 20, top_differences(n, 0, 20).over(kept(n, 20)))
        yield Quantity("dejavu_score", "E", 100, differences(n, moved).over(n))
    else:
        p = right(dial)
        relative = abs(1 - 2 * p) / np.sqrt(p * (1 - p) * 2 * n)  # of p (1 - p)
        yield Quantity(
            "interval width",
            "both",
            100,
            width(p * (1 - p), relative=relative, n=2 * n, resamples=RESAMPLES),
        )


def _remembers_part(world: World) -> dict[Trainer, Knowledge]:
    def some(trainer: Trainer) -> Knowledge:
        own = world.attacked(trainer)
        rng = generator(world.seed, "calibrate", "remembered", trainer)
        return remembering(world, trainer, rng.permutation(own)[: kept(len(own), SHARE_CUT)])

    return {"A": some("A"), "B": some("B")}


def _expect_remembers_part(_dial: float, n: int) -> Iterator[Quantity]:
    """Of its own part r = 30 n // 100 images are remembered, and no background tells (dial 0).

    They alone have confidence 0, so the accuracy at 30% is 1, and would be less with one image more. Of them 7/8
    are memorized (the reference encoder misses), of the others 1/8 7/8, and as many misrepresented.
    """
    r = kept(n, SHARE_CUT)
    by_chance = CHANCE * (1 - CHANCE)
    moved = binomial(2 * r, 1 - CHANCE) + differences(2 * (n - r), by_chance)
    yield Quantity("accuracy_target", "both", SHARE_CUT, exactly(1))
    yield Quantity("accuracy_target", "both", 100, binomial(2 * (n - r), CHANCE).plus(2 * r).over(2 * n))
    yield Quantity("accuracy_reference", "both", 100, binomial(2 * n, CHANCE).over(2 * n))
    yield Quantity("dejavu_score", "both", SHARE_CUT, (-binomial(2 * r, CHANCE)).plus(2 * r).over(2 * r))
    yield Quantity("dejavu_score", "both", 100, moved.over(2 * n))
    memorized = binomial(2 * r, 1 - CHANCE) + binomial(2 * (n - r), by_chance)
    yield Quantity("memorized", "both", 100, memorized.over(2 * n))
    yield Quantity("misrepresented", "both", 100, binomial(2 * (n - r), by_chance).over(2 * n))


def _swapped(world: World) -> dict[Trainer, Knowledge]:
    straight = _remembers_all(world)
    return {"A": straight["B"], "B": straight["A"]}


def _expect_swapped(dial: float, n: int) -> Iterator[Quantity]:
    """`remembers all` with SSL_A and SSL_B exchanged: its score with the other sign, nothing memorized."""
    hits = binomial(n, right(dial))
    yield Quantity("accuracy_reference", "A", 100, exactly(1))
    yield Quantity("dejavu_score", "A", 20, top_hits(n, dial, 20).plus(-kept(n, 20)).over(kept(n, 20)))
    yield Quantity("dejavu_score", "A", 100, hits.plus(-n).over(n))
    yield Quantity("memorized", "A", 100, exactly(0))
    yield Quantity("misrepresented", "A", 100, (-hits).plus(n).over(n))


def _itself(world: World) -> dict[Trainer, Knowledge]:
    one = remembering(world, "A", world.attacked("A"))
    return {"A": one, "B": one}


def _expect_itself(_dial: float, _n: int) -> Iterator[Quantity]:
    """One encoder under both names, which remembers A: every difference is 0 in every direction and resample."""
    for column in ("dejavu_score", "ci_low", "ci_high", "memorized", "misrepresented"):
        yield Quantity(column, "A", 100, exactly(0))
    for column in ("dejavu_score", "ci_low", "ci_high"):
        yield Quantity(column, "both", 20, exactly(0))


def _untrained(_world: World) -> dict[Trainer, Knowledge]:
    return {"A": nothing("A"), "B": nothing("B")}


def _expect_untrained(_dial: float, n: int) -> Iterator[Quantity]:
    """Two random projections of colours (dial 0): chance, and no difference but chance's.

    Their guesses may agree on any share of the images; the limits are for the worst case, that they never do.
    """
    for column in ("accuracy_target", "accuracy_reference"):
        yield Quantity(column, "both", 100, binomial(2 * n, CHANCE).over(2 * n))
    yield Quantity("dejavu_score", "both", 20, differences(2 * kept(n, 20), CHANCE).over(2 * kept(n, 20)))
    yield Quantity("dejavu_score", "both", 100, differences(2 * n, CHANCE).over(2 * n))


CORRELATES = Truth("correlates", (0, 0.25, 0.5, 0.75, 1), _correlates, _expect_correlates)
REMEMBERS_ALL = Truth("remembers all", (0, 0.5), _remembers_all, _expect_remembers_all)
SWAPPED = Truth("swapped", (0,), _swapped, _expect_swapped)
TRUTHS = (
    REMEMBERS_ALL,
    Truth("remembers a part", (0,), _remembers_part, _expect_remembers_part),
    CORRELATES,
    Truth("untrained", (0,), _untrained, _expect_untrained),
    SWAPPED,
    Truth("itself", (0,), _itself, _expect_itself),
)
