"""Votes, confidence and bootstrap for 150,000 attacked images; run with `make bench`."""

import time

import numpy as np
import pytest

from dejavu_tui.inference.confidence import confidence
from dejavu_tui.inference.votes import tally
from dejavu_tui.scores.answers import Answers
from dejavu_tui.scores.rows import Attacked, score_rows

IMAGES, K, CLASSES = 150_000, 100, 1000


@pytest.mark.bench
def test_150_000_images_are_scored_in_seconds() -> None:
    rng = np.random.default_rng(0)
    voters = rng.zipf(1.3, (IMAGES, K)) % CLASSES
    begin = time.process_time()
    votes = tally(voters)
    confidences = confidence(votes.counts)
    voted = time.process_time()
    half = IMAGES // 2
    hits, other_hits = rng.random(IMAGES) < 0.3, rng.random(IMAGES) < 0.2
    other = confidences[::-1]
    answers: dict[Attacked, Answers] = {
        "A": Answers(np.arange(half), confidences[:half], hits[:half], other[:half], other_hits[:half]),
        "B": Answers(np.arange(half, IMAGES), confidences[half:], hits[half:], other[half:], other_hits[half:]),
    }
    score_rows(answers, percents=(1, 5, 20, 100), resamples=0, seed=0)
    scored = time.process_time()
    score_rows(answers, percents=(1, 5, 20, 100), resamples=1000, seed=0)
    resampled = time.process_time()
    print(f"\nvotes and confidences of one encoder {voted - begin:.2f} s of CPU, scores {scored - voted:.2f} s")
    print(f"scores with 1,000 resamples {resampled - scored:.2f} s")
    assert scored - begin < 2
    assert resampled - scored < 60
