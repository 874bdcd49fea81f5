"""What onnxruntime computes on: the processor, or a device whose package is installed."""

import platform
from typing import Any

from dejavu_tui.config import nearest
from dejavu_tui.errors import RequestError
from dejavu_tui.text import safe_text

CPU = "cpu"
_NAMES: dict[str, tuple[str, dict[str, str]]] = {
    CPU: ("CPUExecutionProvider", {}),
    "cuda": ("CUDAExecutionProvider", {"use_tf32": "0"}),
    "openvino": ("OpenVINOExecutionProvider", {"load_config": '{"CPU": {"INFERENCE_PRECISION_HINT": "f32"}}'}),
    "coreml": ("CoreMLExecutionProvider", {"ModelFormat": "MLProgram"}),
}
"""By the name that is typed: onnxruntime's name, and the options that keep float32 what it is."""
_PACKAGES = {"cuda": "onnxruntime-gpu", "openvino": "onnxruntime-openvino", "coreml": "onnxruntime on macOS"}


def find_provider(typed: str) -> tuple[str, dict[str, Any]]:
    """Return onnxruntime's name of the provider `typed`, and its options.

    Raises RequestError: there is none of that name, or it is not installed.
    """
    import onnxruntime  # here, because what shows stored neighbours computes nothing

    if typed not in _NAMES:
        raise RequestError(f"no provider '{safe_text(typed, limit=80)}'", fix=nearest(typed, list(_NAMES)))
    name, options = _NAMES[typed]
    if name not in onnxruntime.get_available_providers():
        raise RequestError(
            f"the provider {typed} is not installed here ({platform.system()} {platform.machine()})",
            fix=f"install {_PACKAGES[typed]} in place of onnxruntime, or choose --providers cpu",
        )
    return name, options
