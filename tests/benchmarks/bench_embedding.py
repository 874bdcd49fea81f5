"""Embedding beside the authors' way of it, and how much of the machine it uses; run with `make bench`.

The authors' way, written anew: Pillow decodes, torchvision resizes, crops and normalises, a DataLoader of two
workers makes batches of 32, and torch computes eagerly, one pass for each encoder. Ours is `embed` as `dejavu
score` calls it, from files to stored matrices, reading the ONNX files included; both have two cores and the same
images.
"""

import subprocess
import sys
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from dejavu_tui.records import Compute, EncoderId, never, silent
from dejavu_tui.workflows.embed import embed
from dejavu_tui.workspace import Audit
from tests.benchmarks.material import (
    CORES,
    EPOCHS,
    MEAN,
    PHOTOS,
    RUN,
    SMALL,
    STD,
    Shown,
    Task,
    matmul_rate,
    prepared,
    publish_int8,
    seconds,
    work_of,
)

BATCH = 32


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    audit, network = prepared(tmp_path_factory.mktemp("photos"), PHOTOS)
    publish_int8(audit, EncoderId(RUN, "A", 1), PHOTOS)
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
    assert ratios[1] >= 5.0
    assert ratios[2] >= 5.0


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
