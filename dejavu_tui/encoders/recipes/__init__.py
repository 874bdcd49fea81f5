"""Recipes: settings that train a method well, one file each, found by their file names; torch is not needed.

A recipe is a TOML file with the keys of `settings.toml` and three more: `about`, one line on what it is for;
`base_lr`, the learning rate for a batch of 256, which grows in proportion to `batch`; and `warmup_epochs`, the
epochs in which it rises. What is typed stands above it. `paper-…` are for photos of 224 pixels and many GPUs,
`small-…` for images of about 32 pixels and minutes on a laptop.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dejavu_tui.config import RunSettings, nearest
from dejavu_tui.errors import RequestError

_FOLDER = Path(__file__).parent
_BASE_BATCH = 256
_LONGEST_WARMUP = 0.5


@dataclass(frozen=True)
class Recipe:
    """Values below what is typed."""

    about: str
    base_lr: float
    """Learning rate for a batch of 256."""
    warmup_epochs: float
    values: Mapping[str, Any]
    """Settings of RunSettings, `augment` and `options` as tables; never lr, warmup and snapshots."""

    def lr(self, settings: RunSettings) -> float:
        """Return the learning rate for the batch of `settings`: linear scaling (Goyal et al. 2017, 1706.02677)."""
        return self.base_lr * settings.batch / _BASE_BATCH

    def warmup(self, settings: RunSettings) -> float:
        """Return the share of the steps of `settings` in which the rate rises: half of a short training at most."""
        return min(self.warmup_epochs / settings.epochs, _LONGEST_WARMUP)


def recipe_names() -> tuple[str, ...]:
    """Return the names of all recipes."""
    return tuple(sorted(file.stem for file in _FOLDER.glob("*.toml")))


def load_recipe(name: str) -> Recipe:
    """Return the recipe `name`. Raises RequestError naming the nearest."""
    if name not in recipe_names():
        raise RequestError(f"unknown recipe '{name}'", where="--recipe", fix=nearest(name, recipe_names()))
    values = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    about, base_lr, warmup = (values.pop(key) for key in ("about", "base_lr", "warmup_epochs"))
    return Recipe(about, base_lr, warmup, values)
