import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dejavu_tui.errors import MeasurementError, StoppedError
from dejavu_tui.probe import logistic, shards
from dejavu_tui.probe.goal import L2
from dejavu_tui.probe.logistic import fit
from dejavu_tui.records import Step


def mixture(
    n: int, d: int, classes: int, *, apart: float, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Correlated features (n, d) with labels (n,); the classes' means are `apart` from 0 in each feature."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=n)
    means = apart * rng.standard_normal((classes, d))
    mixed = (means[labels] + rng.standard_normal((n, d))) @ rng.standard_normal((d, d))
    return (3 + mixed).astype(np.float32), labels


def standardised(features: NDArray[np.float32]) -> NDArray[np.float64]:
    wide = features.astype(np.float64)
    spread = wide.std(axis=0)
    inputs: NDArray[np.float64] = (wide - wide.mean(axis=0)) / np.where(spread == 0, 1, spread)
    return inputs


def newton(inputs: NDArray[np.float64], labels: NDArray[np.int64], classes: int) -> NDArray[np.float64]:
    """The minimum (d + 1, c) of summed cross-entropy + L2/2 x squared weights, by Newton's method on all of it."""
    n, d = inputs.shape
    rows = np.column_stack([inputs, np.ones(n)])
    penalty = np.append(np.full(d, L2), 0.0)
    truth = np.eye(classes)[labels]
    weights = np.zeros((d + 1, classes))

    def loss(weights: NDArray[np.float64]) -> float:
        logits = rows @ weights
        top = logits.max(axis=1)
        total = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
        return float((total - (logits * truth).sum(axis=1)).sum() + (penalty[:, None] * weights**2).sum() / 2)

    for _ in range(50):
        logits = rows @ weights
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        gradient = rows.T @ (chances - truth) + penalty[:, None] * weights
        curvature = np.zeros((d + 1, classes, d + 1, classes))
        for row, chance in zip(rows, chances, strict=True):
            spread = np.diag(chance) - np.outer(chance, chance)
            curvature += np.einsum("i,j,ab->iajb", row, row, spread)
        size = (d + 1) * classes
        square = curvature.reshape(size, size) + np.diag(np.repeat(penalty, classes))
        step = (np.linalg.pinv(square, rcond=1e-12) @ gradient.ravel()).reshape(weights.shape)
        length = 1.0
        while loss(weights - length * step) > loss(weights) and length > 1e-9:
            length /= 2
        weights = weights - length * step
    return weights


@pytest.mark.parametrize("apart", [0.0, 0.7, 30.0])
def test_newton_s_method_finds_the_same_classifier(apart: float) -> None:
    features, labels = mixture(60, 4, 3, apart=apart)
    labels[:3] = [0, 1, 2]
    found = fit(features, labels)
    expected = newton(standardised(features), labels, 3)
    order = np.argsort(found.classes)
    assert found.weights[:, order] == pytest.approx(expected[:-1], abs=2e-4)
    shift = expected[-1].mean()  # all biases may move together
    assert found.bias[order] - found.bias.mean() == pytest.approx(expected[-1] - shift, abs=2e-4)


@given(
    n=st.integers(2, 40),
    d=st.integers(1, 12),
    classes=st.integers(1, 5),
    apart=st.sampled_from([0.0, 1.0, 20.0]),
    seed=st.integers(0, 10**6),
)
@settings(max_examples=40, deadline=None)
def test_the_gradient_vanishes(n: int, d: int, classes: int, apart: float, seed: int) -> None:
    features, labels = mixture(n, d, classes, apart=apart, seed=seed)
    found = fit(features, labels)
    inputs = standardised(features)
    logits = inputs @ found.weights + found.bias
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    errors = chances / chances.sum(axis=1, keepdims=True) - (labels[:, None] == found.classes)
    assert np.abs(inputs.T @ errors / n + L2 / n * found.weights).max() < 2e-5
    assert np.abs(errors.mean(axis=0)).max() < 2e-5


def test_separable_classes_are_told_apart() -> None:
    features, labels = mixture(300, 20, 5, apart=4.0)
    found = fit(features[:200], labels[:200])
    assert found.accuracy(features[:200], labels[:200]) == 1
    assert found.accuracy(features[200:], labels[200:]) == 1


def test_random_labels_are_guessed_at_chance() -> None:
    rng = np.random.default_rng(3)
    features, labels = rng.standard_normal((2400, 8)).astype(np.float32), rng.integers(4, size=2400)
    found = fit(features[:400], labels[:400])
    assert found.accuracy(features[:400], labels[:400]) > 0.27
    assert found.accuracy(features[400:], labels[400:]) == pytest.approx(0.25, abs=4 * (0.25 * 0.75 / 2000) ** 0.5)


def test_more_features_than_images_still_have_one_solution() -> None:
    features, labels = mixture(30, 50, 3, apart=0.5)
    found = fit(features, labels)
    assert found.accuracy(features, labels) == 1
    order = np.random.default_rng(0).permutation(30)
    again = fit(features[order], labels[order])
    there = np.argsort(again.classes)
    assert again.weights[:, there] == pytest.approx(found.weights[:, np.argsort(found.classes)], abs=1e-4)


def test_the_classes_names_decide_nothing() -> None:
    features, labels = mixture(200, 6, 5, apart=0.5)
    names = np.array([40, 3, 77, 0, 12])
    found, renamed = fit(features, labels), fit(features, names[labels])
    assert np.array_equal(renamed.classes, names[found.classes])
    assert renamed.weights.tobytes() == found.weights.tobytes()
    assert renamed.accuracy(features, names[labels]) == found.accuracy(features, labels)


def test_the_images_order_and_the_features_scale_and_place_decide_nothing() -> None:
    features, labels = mixture(300, 6, 4, apart=0.4)
    found = fit(features[:200], labels[:200])
    order = np.random.default_rng(1).permutation(200)
    moved = features * np.array([1, 2, 4, 0.25, 64, 1], np.float32) + np.array([0, 0, 8, 0, 0, -16], np.float32)
    for other, rows in ((features, order), (moved, np.arange(200)), (features[:, ::-1], np.arange(200))):
        again = fit(other[rows], labels[rows])
        for part in (slice(0, 200), slice(200, None)):
            assert again.accuracy(other[part], labels[part]) == found.accuracy(features[part], labels[part])


def test_features_that_only_differ_by_rounding_are_not_read() -> None:
    features, labels = mixture(100, 3, 2, apart=0.3)
    level = np.full(100, 480, np.float32)
    noise = np.where(labels == 1, np.nextafter(level, np.float32(500)), level)
    found, more = fit(features, labels), fit(np.column_stack([features, level, noise]), labels)
    assert more.weights[:3] == pytest.approx(found.weights, abs=1e-5)
    assert not more.weights[3:].any()


def test_a_narrow_spread_far_from_0_is_read() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(2, size=200)
    features = (480 + 1e-3 * (rng.standard_normal((200, 2)) + 8 * labels[:, None])).astype(np.float32)
    assert fit(features[:100], labels[:100]).accuracy(features[100:], labels[100:]) == 1


def test_one_class_is_always_right() -> None:
    features = np.random.default_rng(0).standard_normal((10, 3)).astype(np.float32)
    found = fit(features, np.full(10, 7))
    assert found.accuracy(features, np.full(10, 7)) == 1
    assert found.accuracy(features, np.full(10, 8)) == 0


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_change_not_a_bit_and_are_given_back(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    features, labels = mixture(9000, 5, 3, apart=0.2)  # over the end of a block in every shard
    found = fit(features, labels)
    monkeypatch.setattr(shards, "_THREADS", threads)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        again = fit(features, labels)
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert (again.weights.tobytes(), again.bias.tobytes()) == (found.weights.tobytes(), found.bias.tobytes())


def test_every_evaluation_is_reported() -> None:
    features, labels = mixture(50, 4, 3, apart=0.5)
    steps: list[Step] = []
    fit(features, labels, progress=steps.append)
    first, *running, last = steps
    assert first.done == 0
    assert [step.done for step in running] == list(range(1, len(running) + 1))
    assert last.total == last.done == len(running)


@pytest.mark.parametrize("evaluations", [0, 1, 5])
def test_a_stop_is_heard_within_an_evaluation_and_threads_are_given_back(evaluations: int) -> None:
    features, labels = mixture(50, 4, 3, apart=0.5)
    done: list[int] = [0]
    before = torch.get_num_threads()
    with pytest.raises(StoppedError):
        fit(
            features,
            labels,
            progress=lambda step: done.append(step.done),
            stop=lambda: done[-1] >= evaluations,
        )
    assert done[-1] == evaluations
    assert torch.get_num_threads() == before


def test_what_has_not_converged_is_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logistic, "_EVALUATIONS", 3)
    with pytest.raises(MeasurementError, match="not converged"):
        fit(*mixture(100, 8, 4, apart=0.5))
