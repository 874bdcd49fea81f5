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

    Memory: n x d float64, a few times d x d, some forty times d x classes. `progress` hears of each evaluation of
    the loss; `stop` is asked from several threads, every some thousand images.
    Raises MeasurementError: not converged; StoppedError.
    """
    names, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    by_first = np.argsort(first)
    codes = np.argsort(by_first)[inverse]  # labels numbered as they come
    standard = Standard.of(features)
    progress(Step("probe", 0, None, "turning the features"))
    with sharded() as shards:
        basis, spread = _coordinates(standard, features, shards, classes=len(names), stop=stop)
        loss = _Loss(
            _turned(standard, features, basis, shards, bias=len(names) ** 0.5, stop=stop),
            torch.from_numpy(codes)[:, None],
            torch.cat([L2 / len(labels) * spread**2, torch.zeros(1, dtype=torch.float64)])[:, None],
            shards,
            stop,
        )
        found = _minimise(loss, classes=len(names), progress=progress)
        weights, bias = basis @ found[:-1], found[-1] * len(names) ** 0.5
    return Classifier(standard, names[by_first], weights.numpy(), bias.numpy())


@dataclass(frozen=True)
class _Loss:
    """`inputs` float64 (n, d + 1), the last column for the bias; `codes` int64 (n, 1); `penalty` (d + 1, 1)."""

    inputs: Tensor
    codes: Tensor
    penalty: Tensor
    shards: Shards
    stop: Stop

    def __call__(self, weights: Tensor) -> tuple[float, Tensor]:
        """Return the loss at `weights` (d + 1, c), and its gradient (d + 1, c)."""

        def part(rows: range) -> tuple[float, Tensor]:
            loss, gradient = 0.0, torch.zeros_like(weights)
            for start in range(rows.start, rows.stop, BLOCK):
                _go_on(self.stop)
                place = slice(start, min(start + BLOCK, rows.stop))
                inputs, codes = self.inputs[place], self.codes[place]
                logits = inputs @ weights  # (m, c)
                total = torch.logsumexp(logits, dim=1, keepdim=True)
                loss += float((total - logits.gather(1, codes)).sum())
                errors = logits.sub_(total).exp_()  # probabilities, less 1 at the true class
                errors.scatter_add_(1, codes, torch.full_like(total, -1))
                gradient.addmm_(inputs.T, errors)
            return loss, gradient

        rows, held = len(self.codes), self.penalty * weights
        loss, gradient = 0.0, torch.zeros_like(weights)
        for part_loss, part_gradient in self.shards.over(rows, part):
            loss += part_loss
            gradient += part_gradient
        return loss / rows + float((held * weights).sum()) / 2, gradient.div_(rows).add_(held)


def _coordinates(
    standard: Standard, features: NDArray[np.float32], shards: Shards, *, classes: int, stop: Stop
) -> tuple[Tensor, Tensor]:
    """Return a basis (d, d) of the weights, and the length (d,) of its orthogonal vectors.

    At weights 0 the loss curves by each eigenvalue of the features' correlations over the number of classes (but
    for what all classes share), and by the penalty; in this basis by 1.
    """
    rows, dim = features.shape
    correlations = torch.zeros(dim, dim, dtype=torch.float64)

    def correlate(columns: range) -> None:
        mine = slice(columns.start, columns.stop)
        for _, block in standard.blocks(features, range(rows)):
            _go_on(stop)
            correlations[mine].addmm_(block[:, mine].T, block)

    shards.over(dim, correlate)
    eigenvalues, vectors = torch.linalg.eigh(correlations / rows)
    spread = (eigenvalues.clamp(min=0) / classes + L2 / rows).rsqrt()
    return vectors * spread, spread


def _turned(
    standard: Standard, features: NDArray[np.float32], basis: Tensor, shards: Shards, *, bias: float, stop: Stop
) -> Tensor:
    """Return the standardised features in `basis`, and a last column `bias`: (n, d + 1)."""
    inputs = torch.full((len(features), features.shape[1] + 1), bias, dtype=torch.float64)

    def turn(rows: range) -> None:
        for place, block in standard.blocks(features, rows):
            _go_on(stop)
            inputs[place, :-1] = block @ basis

    shards.over(len(features), turn)
    return inputs


def _minimise(loss: _Loss, *, classes: int, progress: Progress) -> Tensor:
    weights = torch.zeros(loss.inputs.shape[1], classes, dtype=torch.float64)
    evaluations, steepest = 0, float("inf")

    def evaluate() -> float:
        nonlocal evaluations, steepest
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


def _go_on(stop: Stop) -> None:
    if stop():
        raise StoppedError
