"""Child seeds: one seed is asked for, every random choice draws from its own named stream of it."""

import hashlib

import numpy as np


def child_seed(seed: int, *names: str | int) -> int:
    """Return a seed in 0 .. 2**63 - 1 that depends on `seed` and the path of `names`, and on nothing else."""
    text = "\x1f".join([str(seed), *(str(name) for name in names)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """Return the numpy generator of the stream `names` of `seed`."""
    return np.random.Generator(np.random.PCG64(child_seed(seed, *names)))
