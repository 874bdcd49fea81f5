"""What of a snapshot is already there: told from manifests, without making anything or reading what is large."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

from dejavu_tui.artefacts import digest
from dejavu_tui.embeddings.card import read_card
from dejavu_tui.records import EncoderCard, EncoderId
from dejavu_tui.workflows.columns import VIEWS
from dejavu_tui.workflows.embed import missing_layers
from dejavu_tui.workflows.export import ONNX, ONNX_FILE, is_exported
from dejavu_tui.workflows.index import RECALL, has_index
from dejavu_tui.workflows.layers import LAYER, usual_layer
from dejavu_tui.workflows.probe import LAYER as PROBE_LAYER
from dejavu_tui.workflows.probe import is_probed
from dejavu_tui.workflows.runs import TRAINERS
from dejavu_tui.workflows.search import choose_search, stored_digest
from dejavu_tui.workflows.searching import SearchName
from dejavu_tui.workspace import Audit

Stage: TypeAlias = Literal["trained", "exported", "embedded", "scored"]
"""How far a snapshot is: `scored` is one whose neighbours are there, so that a score only has to count votes."""


@dataclass(frozen=True)
class Stored:
    """How far a snapshot is at one layer and k; each of it means both encoders."""

    exported: bool = False
    embedded: bool = False
    """X and the crops."""
    search: SearchName = "exact"
    """The one that is chosen by itself."""
    neighbours: tuple[str, ...] | None = None
    """Digests of those of SSL_A and SSL_B that `search` found; None: not stored."""
    index: bool = False
    """Of X, for `dejavu query`."""
    probed: bool = False
    """The linear probe; at its own layer, whatever layer was asked for."""
    layer: str = LAYER
    """The one that it was looked at."""
    layers: tuple[str, ...] = ()
    """What the encoders give, in the order of their card; none before they are exported."""

    @property
    def stage(self) -> Stage:
        """The last stage that is done."""
        if self.scored:
            return "scored"
        if self.embedded:
            return "embedded"
        return "exported" if self.exported else "trained"

    @property
    def scored(self) -> bool:
        """Whether a score only has to count votes."""
        return self.neighbours is not None

    @property
    def probeable(self) -> bool:
        """Whether there is a layer for the linear probe."""
        return PROBE_LAYER in self.layers


def stored(audit: Audit, run: str, epoch: int, *, layer: str | None, k: int) -> Stored:
    """Return how far the snapshot at `epoch` of `run` is at `layer`; None: the one measured where none is named.

    Raises ArtefactError: a damaged manifest or card.
    """
    encoders = [EncoderId(run, trainer, epoch) for trainer in TRAINERS]
    if not all(is_exported(audit, encoder) for encoder in encoders):
        return Stored(layer=layer or LAYER)
    card = card_of(audit, encoders[0])
    layer = layer or usual_layer(card.layers)
    probed = all(is_probed(audit, encoder) for encoder in encoders)
    if any(missing_layers(audit, encoder, layers=[layer], view=view) for encoder in encoders for view in VIEWS):
        return Stored(exported=True, probed=probed, layer=layer, layers=card.layers)
    name = auto_search(audit, card, layer=layer)
    deep = max(k, min(audit.settings.k, _public(audit)))
    digests = [stored_digest(audit, one, layer=layer, k=deep, name=name, recall=RECALL) for one in encoders]
    return Stored(
        exported=True,
        embedded=True,
        search=name,
        neighbours=tuple(one for one in digests if one is not None) if None not in digests else None,
        index=all(has_index(audit, encoder, layer=layer) for encoder in encoders),
        probed=probed,
        layer=layer,
        layers=card.layers,
    )


def card_of(audit: Audit, encoder: EncoderId) -> EncoderCard:
    """Return the card of an exported encoder, held against its ONNX file once for each state of the artefact.

    Raises ArtefactError: not exported, or damaged.
    """
    folder = audit.onnx_folder(encoder)
    return _card(folder / ONNX_FILE, digest(folder, kind=ONNX))


def auto_search(audit: Audit, card: EncoderCard, *, layer: str) -> SearchName:
    """Return the search that is chosen for `layer` where none is asked for. Raises KeyError: no such layer."""
    queries = audit.crops["reason"].null_count()  # of the attacked images, and they alone
    return choose_search("auto", queries=queries, public=_public(audit), dim=card.dims[layer])


def _public(audit: Audit) -> int:
    return audit.parts.filter(part="X").height


@lru_cache(maxsize=1024)
def _card(path: Path, _state: str) -> EncoderCard:
    return read_card(path)
