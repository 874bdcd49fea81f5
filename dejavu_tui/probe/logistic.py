"""Multinomial logistic regression, to convergence: the probe's classifier is a fact of its data, not of a recipe.

Minimised is the mean cross-entropy plus (L2 / 2n) times the squared weights, the bias free, on features
standardised on the training set: strictly convex but for a shift of all biases, so it has one solution, whatever
the solver. L-BFGS works in turned and stretched coordinates in which the curvature where it starts is that of a
ball, which takes some two to three times fewer steps; they change the way, not the goal.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dejavu_tui.errors import MeasurementError, StoppedError
from dejavu_tui.probe.classifier import Classifier
from dejavu_tui.probe.goal import L2, TOLERANCE
from dejavu_tui.probe.shards import Shards, sharded
from dejavu_tui.probe.standard import BLOCK, Standard
from dejavu_tui.records import Progress, Step, Stop, never, silent

_EVALUATIONS = 10_000
_HISTORY = 10


def fit(
    features: NDArray[np.float32],
    labels: NDArray[np.int64],
    *,
    progress: Progress = silent,
    stop: Stop = never,
) -> Classifier:
    """Return the classifier of `features` (n >= 1, d), which may be memory-mapped, into `labels` (n,).

    Memory: n x d float64, d x d, and some thirty times d x classes. Each evaluation of the loss is a step of
    `progress`. Raises MeasurementError: not converged; StoppedError, asked before each evaluation.
    """
    names, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    by_first = np.argsort(first)
    codes = np.argsort(by_first)[inverse]  # labels numbered as they come
    standard = Standard.of(features)
    with sharded(len(labels)) as shards:
        basis, spread = _coordinates(standard, features, shards, classes=len(names))
        loss = _Loss(
            _turned(standard, features, basis, shards, bias=len(names) ** 0.5),
            torch.from_numpy(codes)[:, None],
            torch.cat([L2 / len(labels) * spread**2, torch.zeros(1, dtype=torch.float64)])[:, None],
            shards,
        )
        found = _minimise(loss, classes=len(names), progress=progress, stop=stop)
        weights, bias = basis @ found[:-1], found[-1] * len(names) ** 0.5
    return Classifier(standard, names[by_first], weights.numpy(), bias.numpy())


@dataclass(frozen=True)
class _Loss:
    """`inputs` float64 (n, d + 1), the last column for the bias; `codes` int64 (n, 1); `penalty` (d + 1, 1)."""

    inputs: Tensor
    codes: Tensor
    penalty: Tensor
    shards: Shards

    def __call__(self, weights: Tensor) -> tuple[float, Tensor]:
        """Return the loss at `weights` (d + 1, c), and its gradient (d + 1, c)."""

        def part(rows: range) -> tuple[float, Tensor]:
            loss, gradient = 0.0, torch.zeros_like(weights)
            for start in range(rows.start, rows.stop, BLOCK):
                place = slice(start, min(start + BLOCK, rows.stop))
                inputs, codes = self.inputs[place], self.codes[place]
                logits = inputs @ weights  # (m, c)
                total = torch.logsumexp(logits, dim=1, keepdim=True)
                loss += float((total - logits.gather(1, codes)).sum())
                errors = logits.sub_(total).exp_()  # probabilities, less 1 at the true class
                errors.scatter_add_(1, codes, torch.full_like(total, -1))
                gradient.addmm_(inputs.T, errors)
            return loss, gradient

        parts = self.shards.map(part)
        rows, held = len(self.codes), self.penalty * weights
        value = sum(loss for loss, _ in parts) / rows + float((held * weights).sum()) / 2
        return value, torch.stack([gradient for _, gradient in parts]).sum(dim=0).div_(rows).add_(held)


def _coordinates(
    standard: Standard, features: NDArray[np.float32], shards: Shards, *, classes: int
) -> tuple[Tensor, Tensor]:
    """Return a basis (d, d) of the weights, and the length (d,) of its orthogonal vectors.

    At weights 0 the loss curves by each eigenvalue of the features' correlations over the number of classes (but
    for what all classes share), and by the penalty; in this basis by 1.
    """

    def products(rows: range) -> Tensor:
        gram = torch.zeros(features.shape[1], features.shape[1], dtype=torch.float64)
        for _, block in standard.blocks(features, rows):
            gram.addmm_(block.T, block)
        return gram

    correlations = torch.stack(shards.map(products)).sum(dim=0) / len(features)
    eigenvalues, vectors = torch.linalg.eigh(correlations)
    spread = (eigenvalues.clamp(min=0) / classes + L2 / len(features)).rsqrt()
    return vectors * spread, spread


def _turned(
    standard: Standard, features: NDArray[np.float32], basis: Tensor, shards: Shards, *, bias: float
) -> Tensor:
    """Return the standardised features in `basis`, and a last column `bias`: (n, d + 1)."""
    inputs = torch.full((len(features), features.shape[1] + 1), bias, dtype=torch.float64)

    def turn(rows: range) -> None:
        for place, block in standard.blocks(features, rows):
            inputs[place, :-1] = block @ basis

    shards.map(turn)
    return inputs


def _minimise(loss: _Loss, *, classes: int, progress: Progress, stop: Stop) -> Tensor:
    weights = torch.zeros(loss.inputs.shape[1], classes, dtype=torch.float64)
    evaluations, steepest = 0, float("inf")

    def evaluate() -> float:
        nonlocal evaluations, steepest
        if stop():
            raise StoppedError
        value, weights.grad = loss(weights)
        evaluations, steepest = evaluations + 1, float(weights.grad.abs().max())
        progress(Step("probe", evaluations, None, f"gradient {steepest:.1e}"))
        return value

    solver = torch.optim.LBFGS(
        [weights],
        max_iter=_EVALUATIONS,
        max_eval=_EVALUATIONS,
        tolerance_grad=TOLERANCE,
        tolerance_change=0.0,
        history_size=_HISTORY,
        line_search_fn="strong_wolfe",
    )
    solver.step(evaluate)  # type: ignore[no-untyped-call]
    evaluate()  # the line search may have looked beyond where it stopped
    if not steepest <= TOLERANCE:
        raise MeasurementError(
            f"the linear probe has not converged in {evaluations} evaluations (gradient {steepest:.1e})",
            fix="leave --probe out, or look whether these embeddings are sound",
        )
    progress(Step("probe", evaluations, evaluations, f"gradient {steepest:.1e}"))
    return weights
