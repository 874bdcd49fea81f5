"""How precisely a network computes; its weights, its loss and the optimiser are float32 always."""

from contextlib import AbstractContextManager

import torch

from dejavu_tui.config import Precision

_TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def computing(precision: Precision, *, device: torch.device) -> AbstractContextManager[None]:
    """A block in which networks compute in `precision`."""
    return torch.autocast(device.type, dtype=_TYPES[precision], enabled=precision != "fp32")


def make_scaler(precision: Precision, *, device: torch.device) -> torch.amp.GradScaler:
    """Return what scales the loss so that gradients in fp16 do not vanish; at other precisions it does nothing."""
    return torch.amp.GradScaler(device.type, enabled=precision == "fp16")
