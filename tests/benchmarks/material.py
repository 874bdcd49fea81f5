"""Encoders and images to time: an audit with exported encoders, without training; and what a machine can do."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torchvision
from PIL import Image
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from dejavu_export.foreign.network import ForeignEncoder
from dejavu_export.graph import encoder_graph, foreign_graph
from dejavu_export.int8 import quantised
from dejavu_tui.artefacts import publish
from dejavu_tui.config import AuditSettings, RunSettings
from dejavu_tui.embeddings.session import OnnxEncoder
from dejavu_tui.encoders.checkpoints import snapshot_card
from dejavu_tui.encoders.network import Encoder
from dejavu_tui.images.pixels import open_picture, preprocess
from dejavu_tui.records import EncoderCard, EncoderId, never, silent
from dejavu_tui.workflows.export import ONNX, ONNX_FILE
from dejavu_tui.workflows.split import plan, write
from dejavu_tui.workspace import Audit

CORES = 2
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
RUN = "bench"
SAMPLES = Path(__file__).parents[2] / "sample_data" / "images"
Shown = tuple[Audit, nn.Module]
EPOCHS = range(1, 6)


@dataclass(frozen=True)
class Task:
    """One kind of image and network; `layer` is embedded."""

    name: str
    size: int
    images: int
    layer: str
    ending: str

    def network(self, seed: int) -> Encoder | ForeignEncoder:
        torch.manual_seed(seed)
        if self.name == "convnet":
            return Encoder("convnet", "256-256-256", stem="small", size=self.size).eval()
        backbone = torchvision.models.resnet50()
        backbone.fc = nn.Identity()
        return ForeignEncoder(backbone, 2048).eval()

    def model(self, network: Encoder | ForeignEncoder) -> bytes:
        if isinstance(network, ForeignEncoder):
            return foreign_graph(network, size=self.size)
        settings = RunSettings(
            method="vicreg",
            epochs=1,
            snapshots=(1,),
            projector="256-256-256",
            stem="small",
            input_size=self.size,
        )
        return encoder_graph(network, snapshot_card(settings, trained_on="A", epoch=1, train_size=2))


PHOTOS = Task("resnet50", 224, 960, "backbone", "jpg")
SMALL = Task("convnet", 32, 31_000, "projector", "png")


def pictures(task: Task) -> Iterator[Image.Image]:
    """Yield images: photos like ImageNet's, or the sample data's 32 x 32 pixels and what turning them gives."""
    rng = np.random.default_rng(0)
    if task.size > 32:
        while True:
            yield photo(rng)
    for turned in (None, *Image.Transpose):
        for path in sorted(SAMPLES.rglob("*.png")):
            image = open_picture(path)
            yield image if turned is None else image.transpose(turned)


def photo(rng: np.random.Generator) -> Image.Image:
    """Noise at many scales, of the size and, as JPEG, about the bytes of a photo of ImageNet."""
    width, height = 500, 375
    total = np.full((height, width, 3), 0.5)
    for cells in (2, 4, 8, 16, 32, 64, 128, 256):
        if cells <= width:
            coarse = rng.normal(0, 0.25 / np.sqrt(cells), (cells, cells, 3)).astype(np.float32)
            planes = [Image.fromarray(coarse[..., one]) for one in range(3)]
            total += np.stack(
                [np.asarray(one.resize((width, height), Image.Resampling.BICUBIC)) for one in planes], -1
            )
    total += rng.normal(0, 0.04, total.shape)
    return Image.fromarray((total.clip(0, 1) * 255).astype(np.uint8))


def build(folder: Path, task: Task) -> Audit:
    made = pictures(task)
    source = folder / "images"
    for name in ("ant", "bee"):
        (source / name).mkdir(parents=True)
        for number in range(task.images // 2 + 4):
            next(made).save(source / name / f"{number:05d}.{task.ending}", quality=90)
    settings = AuditSettings(source=str(source), crop="corner", per_class=2, k=10)
    return write(plan(source, settings, progress=silent, stop=never), folder / "audit")


def publish_as(audit: Audit, encoder: EncoderId, task: Task, model: bytes, dims: dict[str, int]) -> None:
    with publish(audit.onnx_folder(encoder), kind=ONNX, identity={"bench": encoder.folder}) as draft:
        (draft.folder / ONNX_FILE).write_bytes(model)
        card = EncoderCard(layers=tuple(dims), dims=dims, input_size=task.size, mean=MEAN, std=STD)
        (draft.folder / ONNX_FILE).with_suffix(".json").write_text(card.model_dump_json(by_alias=True))


def prepared(folder: Path, task: Task) -> Shown:
    """Return an audit with exported encoders of five epochs, and the network of one of them."""
    audit = build(folder, task)
    network = task.network(0)
    for trainer, seed in (("A", 0), ("B", 1)):
        model = task.model(network if seed == 0 else task.network(seed))
        for epoch in EPOCHS if task is SMALL else (1,):
            publish_as(audit, EncoderId(RUN, trainer, epoch), task, model, network.dims)  # type: ignore[arg-type]
    return audit, network


def publish_int8(audit: Audit, encoder: EncoderId, task: Task) -> None:
    """Quantise the exported float32 `encoder`, calibrated on some of X."""
    whole = OnnxEncoder(audit.onnx_folder(encoder) / ONNX_FILE)
    paths = audit.members("X")["path"].to_list()[:64]
    pixels = np.stack([preprocess(open_picture(audit.source / path), crop=None, size=task.size) for path in paths])
    rounded = EncoderId(encoder.run, encoder.trained_on, encoder.epoch, "int8")
    publish_as(audit, rounded, task, quantised(whole.path, whole.card, pixels), dict(whole.card.dims))


def seconds(work: Callable[[], object], *, rounds: int = 3) -> float:
    """Return the least wall time of some rounds."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken)


def matmul_rate() -> float:
    """Return the rate of float32 matrix products, FLOP/s."""
    torch.set_num_threads(CORES)
    one, other = torch.randn(4096, 4096), torch.randn(4096, 4096)
    return 2 * 4096**3 / seconds(lambda: one @ other, rounds=6)


def work_of(network: nn.Module, size: int) -> int:
    """Return the floating-point operations of one image."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.zeros(1, 3, size, size))
    return int(counter.get_total_flops())
