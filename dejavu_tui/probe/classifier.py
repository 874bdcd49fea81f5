"""A linear classifier and how often it is right."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from dejavu_tui.probe.shards import sharded
from dejavu_tui.probe.standard import Standard

TIE = 1e-6
"""Logits that are closer than the solver is exact are equal."""


@dataclass(frozen=True)
class Classifier:
    """Logits are standardised features (n, d) times `weights` float64 (d, c) plus `bias` (c,).

    `classes` int64 (c,) are the labels, in the order in which the training set shows them first: so the labels'
    own order decides nothing.
    """

    standard: Standard
    classes: NDArray[np.int64]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def accuracy(self, features: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
        """Return the share of `features` (n >= 1, d) whose class is `labels` (n,), 0..1.

        Where several classes tie, the expectation over a choice among them. A class that was not trained on is
        never right.
        """
        order = np.argsort(self.classes)
        places = np.searchsorted(self.classes, labels, sorter=order)
        codes = torch.from_numpy(order[np.minimum(places, len(order) - 1)])
        known = torch.from_numpy(np.isin(labels, self.classes))
        weights, bias = torch.from_numpy(self.weights), torch.from_numpy(self.bias)

        def right(rows: range) -> float:
            hits = 0.0
            for place, block in self.standard.blocks(features, rows):
                logits = torch.addmm(bias, block, weights)  # (m, c)
                best = (logits >= logits.amax(dim=1, keepdim=True) - TIE).double()
                mine = best.gather(1, codes[place, None]).squeeze(1) * known[place]  # (m,)
                hits += float((mine / best.sum(dim=1)).sum())
            return hits

        with sharded() as shards:
            return sum(shards.over(len(labels), right)) / len(labels)
