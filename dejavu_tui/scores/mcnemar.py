"""McNemar's exact test: could memorized and misrepresented be equally frequent? (METHOD 2.6)."""

import math


def mcnemar(memorized: int, misrepresented: int) -> float:
    """Return the two-sided exact p-value: min(1, 2 P(Binomial(b + c, 1/2) <= min(b, c))).

    Without discordant pairs nothing speaks against equality: 1. Relative error below 1e-9 for a million pairs.
    """
    pairs, fewer = memorized + misrepresented, min(memorized, misrepresented)
    if 2 * fewer >= pairs - 1:
        return 1.0
    log_last = (
        math.lgamma(pairs + 1) - math.lgamma(fewer + 1) - math.lgamma(pairs - fewer + 1) - pairs * math.log(2)
    )
    tail, term = 0.0, 1.0
    for i in range(fewer, -1, -1):  # C(pairs, i) relative to C(pairs, fewer), falling
        tail += term
        term *= i / (pairs - i + 1)
        if term < 1e-18 * tail:
            break
    return min(1.0, 2 * math.exp(log_last) * tail)
