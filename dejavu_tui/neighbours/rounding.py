"""How far a squared distance may be off that was computed as |q|^2 + |x|^2 - 2 q.x: what makes a search exact."""

import numpy as np
from numpy.typing import NDArray

Precision = type[np.float32] | type[np.float64]
_SPARE = 16


def error_bound(
    norms: NDArray[np.float64], *, radius: float, dim: int, precision: Precision
) -> NDArray[np.float64]:
    """Return (n,) more than squared distances of queries with `norms` (n,) to vectors no longer than `radius` err.

    The error is the one against `base.distances_to` squared, of vectors that were centred on one float64 point
    and rounded to `precision`, in which all else was computed too, the sums of `dim` products in any order.

    A sum of d products errs by at most gamma(d) = d u / (1 - d u) of the sum of their sizes (Higham, Accuracy and
    Stability of Numerical Algorithms, section 3.1), here at most (|q| + |x|)^2. Centring and the sum of the three
    terms add less than 16 u of it. So much the definition of a distance errs in float64 at most, and a root less.
    What underflows errs by the smallest normal number, whether it is kept or set to 0; what could overflow is
    bounded by nothing.
    """
    number = np.finfo(precision)
    steps = dim + _SPARE
    share = _gamma(steps * float(number.eps) / 2) + _gamma(steps * 2.0**-53)
    largest = np.square((norms + radius) * (1 + 1e-6))  # the norms are rounded themselves
    bound = share * largest + 4 * steps * float(number.smallest_normal)
    finite: NDArray[np.float64] = np.where(largest < float(number.max) / 2, bound, np.inf)
    return finite


def _gamma(error: float) -> float:
    return error / (1 - error) if error < 1 else np.inf
