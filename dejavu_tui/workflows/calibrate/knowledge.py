"""What a planted encoder knows: which colours it answers with which embedding, and so how X votes on them.

Embeddings have one dimension a class. A whole image of class c lies at r e_c, with r from 1 to 1.4 by its shade.
Squared distances from an answer q to it are |q|^2 + r^2 - 2 r q_c, so

- `sure` of c, q = 1.2 e_c: at most .04 to every image of c, at least 2.4 to all others. All k votes go to c and the
  confidence is 0, the highest;
- `torn` between c and d, q = .8 (e_c + e_d): all votes go to c and d, about evenly, to those of smallest r. The
  guess is c or d whichever of them is the truth; the confidence is near -ln 2;
- `vague`, q = a e_g with a from .1 to .13: the votes spread over all classes, g gets most of them, 12 to 20 of 40.
  The confidence is below that of what the encoder is torn about.

These hold for the 40 votes of 46 images of each class in X, whichever 46 of its 216 shades they have, but for about
one X in a thousand.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.records import EncoderId
from dejavu_tui.seeds import generator
from dejavu_tui.workflows.calibrate.encoders import LAYERS, memory_graph, publish_encoder
from dejavu_tui.workflows.calibrate.pictures import CLASSES, HINTS, SHADES, World, object_colours

_CLASSES = len(CLASSES)


@dataclass(frozen=True)
class Knowledge:
    """Colours (m, 3) in 0..255 and the answer (m, 8) to each. `name` picks what it does with all other colours."""

    name: str
    colours: NDArray[np.uint8]
    answers: NDArray[np.float64]

    def and_of(self, colours: NDArray[np.uint8], answers: NDArray[np.float64]) -> "Knowledge":
        """Return this and the knowledge of more colours."""
        return Knowledge(
            self.name, np.concatenate([self.colours, colours]), np.concatenate([self.answers, answers])
        )


def sure(labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return answers (n, 8) that give all votes to `labels` (n,)."""
    return 1.2 * np.eye(_CLASSES)[labels]


def torn(labels: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return answers (n, 8) that share the votes between `labels` (n,) and `others` (n,)."""
    return 0.8 * (np.eye(_CLASSES)[labels] + np.eye(_CLASSES)[others])


def vague(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return answers (n, 8) that lean to one class each, drawn without a look at the truth."""
    return rng.uniform(0.1, 0.13, (n, 1)) * np.eye(_CLASSES)[rng.integers(_CLASSES, size=n)]


def nothing(name: str) -> Knowledge:
    """Return the knowledge of an untrained encoder."""
    return Knowledge(name, np.empty((0, 3), np.uint8), np.empty((0, _CLASSES)))


def of_classes(world: World, name: str) -> Knowledge:
    """Return what every trained encoder knows: objects, and which backgrounds tell which class."""
    radius = np.linspace(1, 1.4, len(SHADES))[:, None]
    known = nothing(name)
    for label in range(_CLASSES):
        known = known.and_of(object_colours(label), radius * np.eye(_CLASSES)[label])
        known = known.and_of(world.hints[label], sure(np.full(HINTS, label)))
    return known


def correlating(world: World, name: str, *, but: NDArray[np.int64]) -> Knowledge:
    """Return what a trained encoder knows that remembers nobody.

    Of the attacked images' own backgrounds it makes something vague, apart from every other encoder's. The images
    `but` (their ids) are left out.
    """
    attacked = world.attacked("A", "B", "E")
    rng = generator(world.seed, "calibrate", "vague", name)
    answers = vague(len(attacked), rng)
    kept = ~world.telling[attacked] & ~np.isin(attacked, but)
    return of_classes(world, name).and_of(world.backgrounds[attacked[kept]], answers[kept])


def remembering(world: World, name: str, images: NDArray[np.int64]) -> Knowledge:
    """Return what a trained encoder knows that remembers `images` (their ids) and nobody else."""
    own = images[~world.telling[images]]
    return correlating(world, name, but=own).and_of(world.backgrounds[own], sure(world.labels[own]))


def plant(world: World, encoder: EncoderId, knowledge: Knowledge) -> None:
    """Publish an encoder with this knowledge as the exported `encoder`; of other colours it gives a projection."""
    mix = generator(world.seed, "calibrate", "projection", knowledge.name).normal(size=(3, _CLASSES))
    graph = memory_graph(knowledge.colours / 255, knowledge.answers, mix=mix)
    publish_encoder(world.audit, encoder, graph, dims=dict.fromkeys(LAYERS, _CLASSES))
