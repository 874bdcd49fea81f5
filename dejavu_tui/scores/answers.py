"""What two encoders answered about the same images: one direction at one label rank."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Answers:
    """One direction: confidences (n,) in nats and hits (n,) of target and reference encoder on `image_ids` (n,).

    The images stand in order of their id, so that a seed means the same images whatever the input order was.
    """

    image_ids: NDArray[np.int64]
    target_confidence: NDArray[np.float64]
    target_hit: NDArray[np.bool_]
    reference_confidence: NDArray[np.float64]
    reference_hit: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.target_hit)
