"""A checkpoint of unknown origin to plain tensors; nothing in it is run (HAZARDS of untrusted checkpoints)."""

import json
import struct
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from dejavu_tui.errors import ArtefactError, RequestError
from dejavu_tui.text import safe_text

MAX_BYTES = 1 << 32
_MAX_TENSORS = 10_000
_MAX_HEADER = 1 << 20
_FLOATS = (
    *(torch.float64, torch.float32, torch.float16, torch.bfloat16),
    *(torch.float8_e4m3fn, torch.float8_e4m3fnuz, torch.float8_e5m2, torch.float8_e5m2fnuz),
)
_WHOLE = (
    *(torch.bool, torch.int8, torch.int16, torch.int32, torch.int64),
    *(torch.uint8, torch.uint16, torch.uint32, torch.uint64),
)
_PLAIN = (
    "where it was made and is trusted, save the weights alone: torch.save({'state_dict': model.state_dict()}, FILE)"
)


def read_checkpoint(path: Path) -> dict[str, object]:
    """Return what the `.safetensors` file, or the file of `torch.save`, at `path` holds, on the CPU.

    Raises RequestError: no such file. ArtefactError: it is too large, is no such file, or needs code to be run: a
    whole pickled module, a TorchScript or an exported program.
    """
    if not path.is_file():
        raise RequestError("no such file", where=path, fix="name the checkpoint with --checkpoint")
    if path.stat().st_size > MAX_BYTES:
        raise ArtefactError(f"is larger than {MAX_BYTES >> 30} GiB", where=path, fix=_PLAIN)
    if path.suffix == ".safetensors":
        return _safetensors(path)
    if zipfile.is_zipfile(path):
        _check_archive(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # plain tensors and containers only; said here, so that no setting of the environment can say otherwise
            found = torch.load(path, map_location="cpu", weights_only=True)  # noqa: TID251  see above
    except Exception as error:  # whatever a damaged or hostile file makes torch raise
        raise ArtefactError("cannot be read as plain tensors", where=path, fix=_PLAIN) from error
    if not isinstance(found, Mapping):
        raise ArtefactError(f"holds a {type(found).__name__}, no state dict", where=path, fix=_PLAIN)
    return {str(name): value for name, value in found.items()}


def tensors_in(values: object, *, where: Path) -> dict[str, Tensor]:
    """Return the state dict `values` as float32 or whole numbers, without `module.` before all its names.

    Raises ArtefactError: it holds something else than ordinary tensors, or too many.
    """
    if not isinstance(values, Mapping) or not values:
        raise ArtefactError("holds no state dict", where=where, fix="choose another --format")
    _check_count(len(values), where=where)
    for name, value in values.items():
        if not isinstance(value, Tensor) or not _is_ordinary(value):
            raise ArtefactError(
                f"has {safe_text(str(name), limit=80)} which is no ordinary tensor", where=where, fix=_PLAIN
            )
    names = [str(name) for name in values]
    while all(name.startswith("module.") for name in names):
        names = [name.removeprefix("module.") for name in names]
    return dict(zip(names, map(_usual, values.values()), strict=True))


def whole_number(value: object) -> int | None:
    """Return `value`, an epoch out of a checkpoint, if it is one."""
    return value if isinstance(value, int) and 0 <= value <= 1_000_000 else None


def epochs_done(checkpoint: Mapping[str, object]) -> int | None:
    """Return how many epochs PyTorch Lightning had trained when it wrote a checkpoint; None: not known.

    Its `epoch` is one less within a training than after it; what its loop has processed is the number itself.
    """
    found: object = checkpoint
    for name in ("loops", "fit_loop", "epoch_progress", "current", "processed"):
        found = found.get(name) if isinstance(found, Mapping) else None
    return whole_number(found)


def _usual(tensor: Tensor) -> Tensor:
    return tensor.detach().float() if tensor.is_floating_point() else tensor.detach()


def _is_ordinary(tensor: Tensor) -> bool:
    """Tell whether a tensor is dense numbers, each in a place of its own: a view may claim to be of any size."""
    if tensor.dtype not in (*_FLOATS, *_WHOLE) or tensor.layout != torch.strided or tensor.device.type != "cpu":
        return False
    return tensor.numel() * tensor.element_size() <= tensor.untyped_storage().nbytes()


def _check_count(tensors: int, *, where: Path) -> None:
    if tensors > _MAX_TENSORS:
        raise ArtefactError(f"has {tensors:,} tensors, more than {_MAX_TENSORS:,}", where=where, fix=_PLAIN)


def _check_archive(path: Path) -> None:
    """Raise ArtefactError unless the zip file is what `torch.save` writes: entries as they are, one pickle."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise ArtefactError("is a damaged file", where=path, fix="copy it again") from None
    names = [entry.filename.partition("/")[2] for entry in entries]
    if "constants.pkl" in names or any(name.startswith("code/") for name in names):
        raise ArtefactError("is TorchScript, which is a program", where=path, fix=_PLAIN)
    if "data.pkl" not in names:
        raise ArtefactError("is no file of torch.save, perhaps an exported program", where=path, fix=_PLAIN)
    packed = any(entry.compress_type != zipfile.ZIP_STORED for entry in entries)
    if packed or sum(entry.file_size for entry in entries) > path.stat().st_size:
        raise ArtefactError("is packed, unlike what torch.save writes", where=path, fix=_PLAIN)


def _safetensors(path: Path) -> dict[str, object]:
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else _MAX_HEADER + 1
        if length > _MAX_HEADER:
            raise ArtefactError("is no safetensors file (its header is too large)", where=path, fix="copy it again")
        try:
            header = json.loads(file.read(length))
        except (ValueError, RecursionError):
            header = None
    if not isinstance(header, dict):
        raise ArtefactError("is no safetensors file (its header is no JSON)", where=path, fix="copy it again")
    _check_count(len(header.keys() - {"__metadata__"}), where=path)
    try:
        return dict(load_file(path))
    except (SafetensorError, ValueError, KeyError, RuntimeError) as error:
        why = safe_text(str(error), limit=120)
        raise ArtefactError(f"is no safetensors file ({why})", where=path, fix="copy it again") from None
