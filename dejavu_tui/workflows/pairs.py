"""The pair SSL_A and SSL_B of a snapshot: exported, embedded, searched, and sure to belong together."""

from collections.abc import Sequence
from dataclasses import dataclass

from dejavu_tui.artefacts import read_manifest, verify
from dejavu_tui.embeddings.card import read_card
from dejavu_tui.encoders.folders import SNAPSHOT
from dejavu_tui.errors import ArtefactError, RequestError
from dejavu_tui.records import USUAL, Compute, EncoderCard, EncoderId, Precision, Progress, Shard, Stop, Trainer
from dejavu_tui.workflows.embed import embed
from dejavu_tui.workflows.export import ONNX, ONNX_FILE, export_encoders, is_exported, snapshot_of
from dejavu_tui.workflows.int8 import export_int8, is_quantised
from dejavu_tui.workflows.layers import usual_layer
from dejavu_tui.workflows.runs import SETTINGS_FILE, TRAINERS, RunInfo, choose_epochs, choose_run
from dejavu_tui.workflows.search import Found, choose_search, find_neighbours, search_shard
from dejavu_tui.workflows.searching import SearchName
from dejavu_tui.workflows.shown import images_of
from dejavu_tui.workflows.trained import whole_size
from dejavu_tui.workspace import Audit

_ALIKE = (
    "method",
    "architecture",
    "epoch",
    "train_size",
    "layers",
    "dims",
    "input_size",
    "mean",
    "std",
    "precision",
)


@dataclass(frozen=True)
class Pair:
    """The encoders of one snapshot and their cards, by the part each was trained on."""

    run: str
    epoch: int
    encoders: dict[Trainer, EncoderId]
    cards: dict[Trainer, EncoderCard]
    size: int | None
    """Images of each of A and B that they were trained on; None: all, as encoders from elsewhere are taken."""
    train_size: int | None
    """The number of these; None: not known."""

    @property
    def usual_layer(self) -> str:
        """The layer that is measured where none is named."""
        return usual_layer(self.cards["A"].layers)

    @property
    def precision(self) -> Precision:
        """Of both encoders."""
        return self.encoders["A"].precision

    def sha256(self, trainer: Trainer) -> str:
        """Return the hash of an encoder's ONNX file."""
        return str(self.cards[trainer].sha256)


def prepare_pairs(
    audit: Audit,
    *,
    run: str | None,
    epochs: Sequence[int] | None,
    layers: Sequence[str] | None,
    precision: Precision = "fp32",
    compute: Compute = USUAL,
    shard: Shard | None = None,
    progress: Progress,
    stop: Stop,
) -> tuple[tuple[Pair, ...], tuple[str, ...]]:
    """Return the pair of each of `epochs` (None: the last), exported and embedded at each of `layers`, and these.

    With `precision` int8 the encoders are quantised first, if they are not.
    With `shard` the encoders must be exported already, and that part of the images alone is embedded.
    `layers` None: the one that is measured where none is named, of the last of these snapshots.

    Raises RequestError: no such run, epoch or layer; ArtefactError: damaged, or two encoders that do not belong
    together; and all that `export_encoders` and `embed` raise.
    """
    if layers is not None and len(set(layers)) < len(layers):
        raise RequestError("a layer is named twice", fix="name each once")
    chosen = choose_run(audit, run)
    wanted = choose_epochs(chosen, epoch=None, sweep=False) if epochs is None else epochs
    for epoch in wanted:
        choose_epochs(chosen, epoch=epoch, sweep=False)
    if shard is None:
        export_encoders(audit, chosen.name, wanted, progress=progress, stop=stop)
        if precision == "int8":
            export_int8(audit, chosen.name, wanted, progress=progress, stop=stop)
    else:
        _check_exported(audit, chosen.name, wanted, precision=precision)
    pairs = tuple(read_pair(audit, chosen, epoch, precision=precision) for epoch in wanted)
    encoders = [encoder for pair in pairs for encoder in pair.encoders.values()]
    measured = (pairs[-1].usual_layer,) if layers is None else tuple(layers)
    embed(audit, encoders, layers=measured, compute=compute, shard=shard, progress=progress, stop=stop)
    return pairs, measured


def read_pair(audit: Audit, run: RunInfo, epoch: int, *, precision: Precision = "fp32") -> Pair:
    """Return the exported pair of `epoch`. Raises ArtefactError: damaged, or not belonging together."""
    encoders = {trainer: EncoderId(run.name, trainer, epoch, precision) for trainer in TRAINERS}
    for encoder in encoders.values():
        verify(audit.onnx_folder(encoder), kind=ONNX)
    size = run.settings.train_size if run.settings else None
    _check_trainings(audit, encoders, size=size)
    cards = {trainer: read_card(audit.onnx_folder(encoder) / ONNX_FILE) for trainer, encoder in encoders.items()}
    name = differing(cards["A"], cards["B"])
    if name is not None:
        raise ArtefactError(
            f"SSL_A and SSL_B of epoch {epoch} do not belong together: {name} differs",
            where=audit.run_folder(run.name),
            fix="train or export both anew with one setting",
        )
    number = (size or whole_size(audit)) if run.settings else cards["A"].train_size
    return Pair(run.name, epoch, encoders, cards, size, number)


def differing(one: EncoderCard, other: EncoderCard) -> str | None:
    """Return the first thing that must be the same in SSL_A and SSL_B and is not; None: they belong together."""
    return next((name for name in _ALIKE if getattr(one, name) != getattr(other, name)), None)


def search_shard_of_pair(
    audit: Audit,
    pair: Pair,
    *,
    layer: str,
    k: int,
    search: str,
    recall: float,
    shard: Shard,
    progress: Progress,
    stop: Stop,
) -> None:
    """Find the neighbours of the crops of `shard` under each encoder of `pair`, for `search_pair` to put together.

    Raises as `search_shard` does.
    """
    name, deep = search_of(audit, pair, layer=layer, k=k, search=search)
    for encoder in pair.encoders.values():
        search_shard(
            audit,
            encoder,
            layer=layer,
            k=deep,
            name=name,
            recall=recall,
            shard=shard,
            progress=progress,
            stop=stop,
        )


def search_of(audit: Audit, pair: Pair, *, layer: str, k: int, search: str) -> tuple[SearchName, int]:
    """Return which search `search` means, and how many neighbours it finds, so that smaller k need no other."""
    public, queries = images_of(audit, "public").height, images_of(audit, "crops").height
    name = choose_search(search, queries=queries, public=public, dim=pair.cards["A"].dims[layer])
    return name, max(k, min(audit.settings.k, public))


def search_pair(
    audit: Audit,
    pair: Pair,
    *,
    layer: str,
    k: int,
    search: str,
    recall: float,
    progress: Progress,
    stop: Stop,
) -> tuple[SearchName, dict[Trainer, Found]]:
    """Return the search that `search` (auto, exact, hnsw) means, and at least `k` neighbours under each encoder.

    Raises RequestError: an unknown search; and all that `find_neighbours` raises.
    """
    name, deep = search_of(audit, pair, layer=layer, k=k, search=search)
    return name, {
        trainer: find_neighbours(
            audit,
            pair.encoders[trainer],
            layer=layer,
            k=deep,
            name=name,
            recall=recall,
            progress=progress,
            stop=stop,
        )
        for trainer in TRAINERS
    }


def _check_exported(audit: Audit, run: str, epochs: Sequence[int], *, precision: Precision) -> None:
    """Raise RequestError if an encoder is not exported: several processes would do it at the same time."""
    for encoder in (EncoderId(run, trainer, epoch, precision) for epoch in epochs for trainer in TRAINERS):
        if not (is_quantised if precision == "int8" else is_exported)(audit, encoder):
            option = " --precision int8" if precision == "int8" else ""
            raise RequestError(
                f"{encoder.folder} is not exported yet",
                where=f"run {run}",
                fix=f"run `dejavu export-onnx --run {run} --epoch all{option}` before its shards",
            )


def _check_trainings(audit: Audit, encoders: dict[Trainer, EncoderId], *, size: int | None) -> None:
    """Raise ArtefactError if a snapshot was trained on other images than this audit's or on another number of them
    than `size`, or A and B not alike.

    Encoders whose snapshots are not here are judged by their cards alone.
    """
    settings = []
    for encoder in encoders.values():
        snapshot = snapshot_of(audit, encoder)
        manifest = read_manifest(snapshot, kind=SNAPSHOT)
        if manifest is None:
            continue
        if manifest.identity.get("audit") != audit.fingerprint:
            raise ArtefactError(
                "was trained on the images of another audit",
                where=snapshot,
                fix="train it here with `dejavu train`",
            )
        settings.append(manifest.identity.get("settings", {}))
        if settings[-1].get("train_size") != size:
            raise ArtefactError(
                f"was trained on another number of images than the run's {SETTINGS_FILE} says",
                where=snapshot,
                fix="put that file back, or train anew under another --run",
            )
    if len(settings) == len(encoders) and settings[0] != settings[1]:
        raise ArtefactError(
            "SSL_A and SSL_B were trained with different settings",
            where=audit.run_folder(encoders["A"].run),
            fix="train both anew with one setting",
        )
