"""One sign for each kind, so that kinds can be told apart without colour."""

from collections.abc import Mapping
from types import MappingProxyType

from dejavu_tui.records import KINDS, Kind

KIND_SIGNS: Mapping[Kind, str] = MappingProxyType(dict(zip(KINDS, "◆◇▲·", strict=True)))
"""Filled for what only the target encoder knows, hollow for what both do, a triangle for the reference alone."""
