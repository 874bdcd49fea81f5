"""The partition of the attacked images: memorized, correlated, misrepresented, unassociated (METHOD 2.4)."""

import numpy as np
from numpy.typing import NDArray

from dejavu_tui.records import KINDS, Kind

_CODES = np.array(
    [
        [KINDS.index("unassociated"), KINDS.index("misrepresented")],
        [KINDS.index("memorized"), KINDS.index("correlated")],
    ]
)
"""Place in KINDS by [target hit, reference hit]."""


def kind_codes(target_hit: NDArray[np.bool_], reference_hit: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the kind of each image (n,) as its place in `records.KINDS`."""
    codes: NDArray[np.int64] = _CODES[target_hit.astype(int), reference_hit.astype(int)]
    return codes


def kind_counts(target_hit: NDArray[np.bool_], reference_hit: NDArray[np.bool_]) -> dict[Kind, int]:
    """Return how many images are of each kind."""
    counts = np.bincount(kind_codes(target_hit, reference_hit), minlength=len(KINDS))
    return {kind: int(count) for kind, count in zip(KINDS, counts, strict=True)}
