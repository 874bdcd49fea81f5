"""Settings files, and names that are nearly right."""

from dejavu_tui.config.audit import AuditSettings, Corner, CropRule, MinSide
from dejavu_tui.config.base import NAME_PATTERN, Fraction, Settings, nearest
from dejavu_tui.config.run import (
    PROJECTOR_PATTERN,
    AugmentSettings,
    OptimizerName,
    Precision,
    RunSettings,
    Stem,
)

__all__ = [
    "NAME_PATTERN",
    "PROJECTOR_PATTERN",
    "AuditSettings",
    "AugmentSettings",
    "Corner",
    "CropRule",
    "Fraction",
    "MinSide",
    "OptimizerName",
    "Precision",
    "RunSettings",
    "Settings",
    "Stem",
    "nearest",
]
