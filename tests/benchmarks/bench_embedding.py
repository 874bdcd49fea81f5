"""Embedding beside the authors' way of it, and how much of the machine it uses; run with `make bench`.

The authors' way, written anew: Pillow decodes, torchvision resizes, crops and normalises, a DataLoader of two
workers makes batches of 32, and torch computes eagerly, one pass for each encoder. Ours is `embed` as `dejavu
score` calls it, from files to stored matrices, reading the ONNX files included; both have two cores and the same
images.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torch.utils.flop_counter import FlopCounterMode
from torchvision import transforms

from dejavu_export.foreign.network import ForeignEncoder
from dejavu_export.graph import encoder_graph, foreign_graph
from dejavu_export.int8 import quantised
from dejavu_tui.artefacts import publish
from dejavu_tui.config import AuditSettings, RunSettings
from dejavu_tui.embeddings.session import OnnxEncoder
from dejavu_tui.encoders.checkpoints import snapshot_card
from dejavu_tui.encoders.network import Encoder
from dejavu_tui.images.pixels import open_picture, preprocess
from dejavu_tui.records import Compute, EncoderCard, EncoderId, never, silent
from dejavu_tui.workflows.embed import embed
from dejavu_tui.workflows.export import ONNX, ONNX_FILE
from dejavu_tui.workflows.split import plan, write
from dejavu_tui.workspace import Audit

CORES, BATCH = 2, 32
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


PHOTOS = Task("resnet50", 224, 480, "backbone", "jpg")
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


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    audit, network = prepared(tmp_path_factory.mktemp("photos"), PHOTOS)
    whole = OnnxEncoder(audit.onnx_folder(EncoderId(RUN, "A", 1)) / ONNX_FILE)
    paths = audit.members("X")["path"].to_list()[:64]
    pixels = np.stack(
        [preprocess(open_picture(audit.source / path), crop=None, size=PHOTOS.size) for path in paths]
    )
    model = quantised(whole.path, whole.card, pixels)
    publish_as(audit, EncoderId(RUN, "A", 1, "int8"), PHOTOS, model, dict(whole.card.dims))
    return audit, network


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    return prepared(tmp_path_factory.mktemp("small"), SMALL)


class Files(Dataset[Tensor]):
    """What the authors' script reads, image by image."""

    def __init__(self, paths: list[Path], size: int) -> None:
        self.paths = paths
        self.transform = transforms.Compose(
            [
                transforms.Resize(round(size * 256 / 224)),
                transforms.CenterCrop(size),
                transforms.ToTensor(),
                transforms.Normalize(MEAN, STD),
            ]
        )

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, place: int) -> Tensor:
        with self.paths[place].open("rb") as file:
            tensor: Tensor = self.transform(Image.open(file).convert("RGB"))
        return tensor


def theirs(audit: Audit, network: nn.Module, task: Task) -> NDArray[np.float32]:
    """Embed X as the authors' script does, with one encoder."""
    torch.set_num_threads(CORES)
    paths = [audit.source / path for path in audit.members("X")["path"]]
    with torch.no_grad():
        batches = DataLoader(Files(paths, task.size), batch_size=BATCH, num_workers=CORES)
        return np.concatenate([network(images)[-1].numpy() for images in batches])


def ours(audit: Audit, encoders: list[EncoderId], task: Task) -> None:
    """Embed X with `encoders`, from nothing stored."""
    for encoder in encoders:
        folder = audit.embeddings_folder(encoder, layer=task.layer, view="public")
        if folder.exists():
            folder.rename(folder.with_name(f"old-{time.monotonic_ns()}"))
    embed(
        audit,
        encoders,
        layers=(task.layer,),
        views=("public",),
        compute=Compute(workers=CORES),
        progress=silent,
        stop=never,
    )


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


def told(name: str, images: int, ours_took: float, theirs_took: float) -> float:
    ratio = theirs_took / ours_took
    print(f"{name}: {images / ours_took:,.0f} images/s, authors' way {images / theirs_took:,.0f}: {ratio:.2f}x")
    return ratio


@pytest.mark.bench
def test_photos_through_resnet50(photos: Shown) -> None:
    audit, network = photos
    images = audit.members("X").height
    slow = seconds(lambda: theirs(audit, network, PHOTOS), rounds=2)
    print()
    ratios = {}
    for precision in ("fp32", "int8"):
        encoder = EncoderId(RUN, "A", 1, precision)
        took = seconds(partial(ours, audit, [encoder], PHOTOS))
        ratios[precision] = told(f"ResNet-50 {precision}, 500x375 JPEG", images, took, slow)
        if precision == "fp32":
            share = work_of(network, PHOTOS.size) * images / took / matmul_rate()
            print(f"  {share:.0%} of the float32 matrix-product rate, decoding included")
    assert ratios["fp32"] >= 2.0
    assert ratios["int8"] >= 5.0


_SWEEPS: tuple[tuple[str, Iterable[int], str], ...] = (
    ("A", (1,), "A"),
    ("A and B", (1,), "AB"),
    ("A and B of 5 epochs", EPOCHS, "AB"),
)


@pytest.mark.bench
def test_small_images_through_the_convnet(small: Shown) -> None:
    audit, network = small
    images = audit.members("X").height
    slow = seconds(lambda: theirs(audit, network, SMALL), rounds=2)
    print()
    ratios = []
    for name, epochs, trainers in _SWEEPS:
        encoders = [EncoderId(RUN, trainer, epoch) for epoch in epochs for trainer in trainers]  # type: ignore[arg-type]
        took = seconds(partial(ours, audit, encoders, SMALL))
        passes = images * len(encoders)
        ratios.append(told(f"convnet {name}, 32x32 PNG", passes, took, slow * len(encoders)))
    share = work_of(network, SMALL.size) * passes / took / matmul_rate()
    print(f"  {share:.0%} of the float32 matrix-product rate for the sweep")
    assert ratios[-1] >= 5.0


@pytest.mark.bench
def test_both_give_the_same_embeddings(small: Shown) -> None:
    audit, network = small
    ours(audit, [EncoderId(RUN, "A", 1)], SMALL)
    found = np.load(
        audit.embeddings_folder(EncoderId(RUN, "A", 1), layer="projector", view="public") / "vectors.npy"
    )
    expected = theirs(audit, network, SMALL)
    assert np.abs(found - expected).max() <= 1e-4 * np.sqrt(np.square(expected).mean())


_PEAK = """
import sys
from pathlib import Path
from dejavu_tui.records import Compute, EncoderId, never, silent
from dejavu_tui.workflows.embed import embed
from dejavu_tui.workspace import Audit
audit = Audit(Path(sys.argv[1]))
keep = int(sys.argv[2])
audit.__dict__["parts"] = audit.parts.filter((audit.parts["part"] != "X") | (audit.parts["image_id"] % 8 < keep))
embed(audit, [EncoderId("bench", "A", 1)], layers=("backbone",), views=("public",), compute=Compute(workers=2),
      progress=silent, stop=never)
status = Path("/proc/self/status").read_text()
print(audit.members("X").height, status.split("VmHWM:")[1].split()[0])
"""


@pytest.mark.bench
def test_memory_is_flat(small: Shown) -> None:
    """Eight times the images take no more memory than their rows in the tables."""
    audit, _ = small
    peaks = {}
    for keep in (1, 8):
        done = subprocess.run(
            [sys.executable, "-c", _PEAK, str(audit.root), str(keep)], capture_output=True, text=True, check=True
        )
        images, peak = map(int, done.stdout.split())
        peaks[images] = peak / 1024
        folder = audit.embeddings_folder(EncoderId(RUN, "A", 1), layer="backbone", view="public")
        folder.rename(folder.with_name(f"old-{keep}"))
    print("\npeak memory, MiB: " + ", ".join(f"{peak:,.0f} at {images:,} images" for images, peak in peaks.items()))
    (few, least), (many, most) = peaks.items()
    assert (most - least) * 2**20 / (many - few) < 4096, "bytes an image"
