"""What two encoders answered about the same images: one direction at one label rank."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Answers:
    """One direction: confidences (n,) in nats and hits (n,) of target and reference encoder on the same images.

    The images have neither names nor an order here, so none can change a number.
    """

    target_confidence: NDArray[np.float64]
    target_hit: NDArray[np.bool_]
    reference_confidence: NDArray[np.float64]
    reference_hit: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.target_hit)
