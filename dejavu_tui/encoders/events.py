"""The log of a training once more, for TensorBoard to draw; nothing else depends on these files."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

Tell: TypeAlias = Callable[[Mapping[str, Any]], None]


@contextmanager
def open_events(folder: Path | None, *, epoch: int) -> Iterator[Tell]:
    """Yield what takes the lines of the log from `epoch` on and writes each as events; without `folder` it does
    nothing.
    """
    if folder is None:
        yield lambda _line: None
        return
    from torch.utils.tensorboard import SummaryWriter  # an extra

    with SummaryWriter(str(folder), purge_step=epoch) as writer:

        def tell(line: Mapping[str, Any]) -> None:
            scalars = {name: value for name, value in line.items() if name not in ("epoch", "terms")}
            scalars |= {f"terms/{name}": value for name, value in line["terms"].items()}
            for name, value in scalars.items():
                writer.add_scalar(name, value, line["epoch"])
            writer.flush()

        yield tell
