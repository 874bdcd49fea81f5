"""Names of the networks, known without importing torch."""

from dejavu_tui.config import nearest
from dejavu_tui.errors import RequestError

ARCHS = ("convnet", "resnet18", "resnet50")
"""`backbones.py` has one function for each."""


def check_arch(name: str) -> str:
    """Return `name` if it is a network's. Raises RequestError naming the nearest."""
    if name not in ARCHS:
        raise RequestError(f"unknown network '{name}'", where="--arch", fix=nearest(name, list(ARCHS)))
    return name
