"""METHOD sections 2 and 3 in plain slow Python, written from the equations and sharing no code with the product."""

import math
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction


def guesses(labels: Sequence[int]) -> list[int]:
    """Labels of one image's neighbours, nearest first -> labels, best first."""
    counts = Counter(labels)
    ranks = {label: [rank for rank, voter in enumerate(labels) if voter == label] for label in counts}
    return sorted(counts, key=lambda label: (-counts[label], sum(ranks[label]), ranks[label][0]))


def confidence(labels: Sequence[int]) -> float:
    k = len(labels)
    shares = sorted((count / k for count in Counter(labels).values()), reverse=True)
    return round(sum(share * math.log(share) for share in shares), 12) + 0.0


def kept(n: int, percent: int) -> int:
    return max(1, percent * n // 100)


def accuracy(confidences: Sequence[float], hits: Sequence[bool], percent: int) -> tuple[Fraction, int]:
    """Expected accuracy over ties at the cut, and the size of the block at the cut."""
    wanted = kept(len(hits), percent)
    expected, left = Fraction(0), wanted
    for value in sorted(set(confidences), reverse=True):
        block = [hit for own, hit in zip(confidences, hits, strict=True) if own == value]
        taken = min(left, len(block))
        expected += Fraction(sum(block), len(block)) * taken
        left -= taken
        if left == 0:
            return expected / wanted, len(block)
    raise AssertionError("fewer images than the cut keeps")


def mcnemar(memorized: int, misrepresented: int) -> Fraction:
    pairs = memorized + misrepresented
    tail = sum(math.comb(pairs, i) for i in range(min(memorized, misrepresented) + 1))
    return min(Fraction(1), 2 * Fraction(tail, 2**pairs))


def score(
    target: Sequence[float],
    target_hit: Sequence[bool],
    reference: Sequence[float],
    reference_hit: Sequence[bool],
    percent: int,
) -> Fraction:
    return accuracy(target, target_hit, percent)[0] - accuracy(reference, reference_hit, percent)[0]
