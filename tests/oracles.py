"""METHOD sections 2 and 3 in plain slow Python, written from the equations and sharing no code with the product."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Image:
    """An image of X with its embedding under each encoder, or an attacked image with those of its crop."""

    image_id: int
    part: str
    label: int
    embeddings: Mapping[str, Sequence[float]]


def voters(crop: Image, public: Sequence[Image], encoder: str, k: int) -> list[int]:
    """Labels of the k nearest images of X, nearest first."""

    def far(image: Image) -> tuple[float, int]:
        pairs = zip(crop.embeddings[encoder], image.embeddings[encoder], strict=True)
        return math.sqrt(sum((one - other) ** 2 for one, other in pairs)), image.image_id

    return [image.label for image in sorted(public, key=far)[:k]]


def score_rows(
    images: Sequence[Image], *, k: int, label_rank: int, percents: Sequence[int]
) -> dict[tuple[str, int], dict[str, float | Fraction]]:
    """Numbers of the score table by direction and percent, `images` being those of A, B, E and X."""
    public = [image for image in images if image.part == "X"]
    directions = {}
    for part, target, reference in (("A", "A", "B"), ("B", "B", "A"), ("E", "A", "B")):
        attacked = [image for image in images if image.part == part]
        confidences, hits = {}, {}
        for encoder in (target, reference):
            votes = [voters(image, public, encoder, k) for image in attacked]
            confidences[encoder] = [confidence(labels) for labels in votes]
            hits[encoder] = [
                image.label in guesses(labels)[:label_rank] for image, labels in zip(attacked, votes, strict=True)
            ]
        if attacked:
            directions[part] = [(confidences[encoder], hits[encoder]) for encoder in (target, reference)]
    rows = {}
    for direction, parts in {"both": ("A", "B"), **{part: (part,) for part in directions}}.items():
        for percent in percents:
            rows[direction, percent] = _row([directions[part] for part in parts], percent)
    return rows


def _row(parts: Sequence[Sequence[tuple[list[float], list[bool]]]], percent: int) -> dict[str, float | Fraction]:
    """One row: means over `parts`, each the confidences and hits of the target and of the reference encoder."""
    row: dict[str, float | Fraction] = {"n": 0, "tie_block": 0}
    kinds = {"memorized": (True, False), "misrepresented": (False, True)}
    kinds |= {"correlated": (True, True), "unassociated": (False, False)}
    discordant = dict.fromkeys(kinds, 0)
    for (target, hit), (reference, other_hit) in parts:
        accuracies = accuracy(target, hit, percent), accuracy(reference, other_hit, percent)
        for name, (value, _) in zip(("accuracy_target", "accuracy_reference"), accuracies, strict=True):
            row[name] = row.get(name, Fraction(0)) + value / len(parts)
        row["tie_block"] = max(row["tie_block"], *(block for _, block in accuracies))
        row["n"] += len(hit)
        pairs = list(zip(hit, other_hit, strict=True))
        for kind, pair in kinds.items():
            row[kind] = row.get(kind, Fraction(0)) + Fraction(pairs.count(pair), len(pairs) * len(parts))
            discordant[kind] += pairs.count(pair)
    row["dejavu_score"] = row["accuracy_target"] - row["accuracy_reference"]
    row["mcnemar_p"] = mcnemar(discordant["memorized"], discordant["misrepresented"])
    return row
