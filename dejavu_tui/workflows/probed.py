"""The columns of the score table that the linear probe fills."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from dejavu_tui.errors import MeasurementError
from dejavu_tui.records import USUAL, Compute, Progress, Stop, Trainer
from dejavu_tui.workflows.pairs import Pair
from dejavu_tui.workflows.probe import Probed, can_probe, embed_for_probes, probe_pair
from dejavu_tui.workflows.runs import TRAINERS
from dejavu_tui.workspace import Audit

_TARGETS: dict[str, tuple[Trainer, ...]] = {"both": TRAINERS, "A": ("A",), "B": ("B",), "E": ("A",)}
"""Target encoders of each direction."""


@dataclass(frozen=True)
class ProbedPair:
    """What the linear probe found of each encoder of a snapshot; of none, and a `note` that says why."""

    found: Mapping[Trainer, Probed]
    note: str | None = None

    def columns(self, direction: str) -> dict[str, float | None]:
        """Return probe_train, probe_test and probe_gap of the target encoder; of `both` the means of the two."""
        if not self.found:
            return dict.fromkeys(("probe_train", "probe_test", "probe_gap"))
        probed = [self.found[trainer] for trainer in _TARGETS[direction]]
        train = sum(one.train for one in probed) / len(probed)
        test = sum(one.test for one in probed) / len(probed)
        return {"probe_train": train, "probe_test": test, "probe_gap": train - test}


NOT_ASKED = ProbedPair({}, "no linear probe was asked for")


def prepare_probes(
    audit: Audit, pairs: Sequence[Pair], *, compute: Compute = USUAL, progress: Progress, stop: Stop
) -> None:
    """Embed for the probes of all `pairs` that can be had, so that each image is decoded once for all.

    Raises as `embed` does, but for MeasurementError: `probed_pair` says which pair that is about, and the others'
    probes are measured.
    """
    able = [pair for pair in pairs if can_probe(audit, pair)]
    with suppress(MeasurementError):
        embed_for_probes(audit, able, compute=compute, progress=progress, stop=stop)


def probed_pair(audit: Audit, pair: Pair, *, progress: Progress, stop: Stop) -> ProbedPair:
    """Return the probe of both encoders of `pair`; not defined if it could not be measured for one of them.

    Raises as `probe_pair` does, but for MeasurementError.
    """
    try:
        return ProbedPair(probe_pair(audit, pair, progress=progress, stop=stop))
    except MeasurementError as error:
        place = f" ({error.where})" if error.where else ""
        return ProbedPair({}, f"no linear probe: {error.what}{place}")
