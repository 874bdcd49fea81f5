"""What a run's encoders are: as its settings say, or its cards where they were trained elsewhere."""

from dataclasses import dataclass

from dejavu_tui.records import EncoderId
from dejavu_tui.workflows.runs import RunInfo
from dejavu_tui.workflows.stored import card_of
from dejavu_tui.workflows.trained import whole_size
from dejavu_tui.workspace import Audit


@dataclass(frozen=True)
class Description:
    """Method, network, and the number of images of each training set. None: nobody says."""

    method: str | None = None
    arch: str | None = None
    train_size: int | None = None


UNKNOWN = Description()


def describe(audit: Audit, run: RunInfo) -> Description:
    """Return what the encoders of `run` are. Raises ArtefactError: a card that is asked for it is damaged."""
    if run.settings is not None:
        return Description(run.settings.method, run.settings.arch, run.settings.train_size or whole_size(audit))
    if not run.exported:
        return UNKNOWN
    card = card_of(audit, EncoderId(run.name, "A", run.exported[-1]))
    return Description(card.method, card.architecture, card.train_size)
