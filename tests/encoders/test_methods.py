"""What every method must do; a new one is tested for free, and fails without an oracle test of its loss."""

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import torch

from dejavu_tui.config import AugmentSettings, RunSettings, Settings
from dejavu_tui.encoders import methods
from dejavu_tui.encoders.folders import snapshot_folder
from dejavu_tui.encoders.learner import Batch, Learner, Moment
from dejavu_tui.encoders.methods import load_method, method_names
from dejavu_tui.encoders.network import Encoder
from dejavu_tui.errors import RequestError, StoppedError
from tests.encoders.toys import CLASSES, OPTIONS, SIZE, outcome, run_toy, toy_images, toy_settings

each_method = pytest.mark.parametrize("name", method_names())

LATER = Moment(6, 10, 2)
"""In a fourth epoch, when nothing is frozen any more."""
STEPS = 8
"""Of a toy training."""


def built(name: str) -> tuple[Learner, Encoder]:
    torch.manual_seed(0)
    encoder = Encoder("convnet", "16-16").train()
    method = load_method(name)
    options = method.Options(**OPTIONS.get(name, {}))
    learner: Learner = method.build(encoder, options, classes=CLASSES)
    return learner, encoder


def batch(count: int = 12) -> Batch:
    images = toy_images(count)
    whole = torch.from_numpy(images.pixels).permute(0, 3, 1, 2) / 64 - 2  # (n, 3, s, s)
    large = whole[:, :, :12, :12].contiguous(), whole[:, :, 4:, 4:].contiguous()
    small = tuple(view[:, :, 2:10, 2:10].contiguous() for view in large)
    return Batch(large, torch.from_numpy(images.labels), LATER, small)


def test_the_methods_of_the_readme_are_there() -> None:
    names = "barlow byol dino moco simclr simsiam supervised vicreg"
    assert method_names() == tuple(names.split())


def test_an_unknown_method_names_the_nearest() -> None:
    with pytest.raises(RequestError, match=r"did you mean 'vicreg'\?") as caught:
        load_method("vicregg")
    assert caught.value.exit_code == 2


@each_method
def test_it_has_options_a_paper_and_an_oracle_test(name: str) -> None:
    method = load_method(name)
    assert issubclass(method.Options, Settings)
    assert "arXiv" in (method.__doc__ or "")
    oracle = Path(__file__).parent / "methods" / f"test_{name}.py"
    assert "def test_loss_is_the_papers" in oracle.read_text(encoding="utf-8")


@each_method
def test_no_option_is_called_like_a_setting_of_the_run(name: str) -> None:
    taken = RunSettings.model_fields.keys() | AugmentSettings.model_fields.keys()
    assert not taken & load_method(name).Options.model_fields.keys()


@each_method
def test_its_options_and_their_defaults_are_in_the_docs(name: str) -> None:
    page = (Path(methods.__path__[0]).parents[2] / "docs" / "methods.md").read_text(encoding="utf-8")
    (row,) = [line for line in page.splitlines() if line.startswith(f"| `{name}` |")]
    for option, default in load_method(name).Options().model_dump().items():
        assert f"`{option}` {default:g}" in row


def test_names_and_options_are_known_without_torch() -> None:
    code = (
        "import sys; from dejavu_tui.encoders.methods import load_method, method_names;"
        "[load_method(name).Options() for name in method_names()];"
        "sys.exit(', '.join({'torch', 'lightly', 'torchvision'} & sys.modules.keys()) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_loading_the_losses_opens_no_socket_and_starts_no_thread() -> None:
    code = (
        "import sys, threading\n"
        "def refuse(event, arguments):\n"
        "    if event.startswith('socket.') and event != 'socket.__new__': raise SystemExit(event)\n"
        "sys.addaudithook(refuse)\n"
        "from dejavu_tui.encoders.methods import load_method, method_names\n"
        "from dejavu_tui.encoders.network import Encoder\n"
        "for name in method_names():\n"
        "    load_method(name).build(Encoder('convnet', '4'), load_method(name).Options(), classes=3)\n"
        "sys.exit(threading.active_count() - 1)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@each_method
def test_gradient_reaches_every_parameter_but_the_teachers(name: str) -> None:
    module, encoder = built(name)
    module(batch()).loss.backward()
    first = encoder.get_parameter("backbone.0.weight")
    assert first.grad is not None
    assert first.grad.abs().max() > 0
    for place, parameter in module.named_parameters():
        assert parameter.requires_grad != place.startswith("teacher"), place
        if parameter.requires_grad:
            assert parameter.grad is not None
            assert parameter.grad.isfinite().all()


@each_method
def test_all_that_a_step_changes_is_saved(name: str) -> None:
    module, _ = built(name)
    other, _ = built(name)
    module(batch()).loss.backward()
    module.after_step(LATER)
    other.load_state_dict(module.state_dict())
    assert module(batch()).loss.item() == other(batch()).loss.item()


@each_method
def test_order_of_the_batch_does_not_matter(name: str) -> None:
    (module, _), (other, _) = built(name), built(name)
    shown = batch()
    order = torch.randperm(len(shown.labels), generator=torch.Generator().manual_seed(3))
    first, second = (view[order] for view in shown.large)
    small = tuple(view[order] for view in shown.small)
    with torch.no_grad():
        straight = module(shown).loss
        shuffled = other(Batch((first, second), shown.labels[order], LATER, small)).loss
    assert float(straight) == pytest.approx(float(shuffled), rel=1e-4)


@each_method
def test_what_tells_a_collapse_is_the_embedding_of_every_image(name: str) -> None:
    module, encoder = built(name)
    _, embedding, terms = module(batch(7))
    assert embedding.shape == (7, encoder.dims["projector"])
    assert not embedding.requires_grad
    assert not any(term.requires_grad or term.ndim for term in terms.values())


@each_method
def test_the_loss_is_float32_where_networks_compute_in_less(name: str) -> None:
    (module, _), (other, _) = built(name), built(name)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss, _, terms = module(batch())
    assert {one.dtype for one in (loss, *terms.values())} == {torch.float32}
    assert loss.item() == pytest.approx(other(batch()).loss.item(), rel=0.05)


@each_method
def test_stopped_after_every_step_it_ends_with_the_same_bytes(name: str, tmp_path: Path) -> None:
    run_toy(tmp_path / "whole", toy_settings(name))
    for _ in range(STEPS - 1):
        answers = iter([False])
        with pytest.raises(StoppedError):
            run_toy(tmp_path / "cut", toy_settings(name), stop=partial(next, answers, True))
    run_toy(tmp_path / "cut", toy_settings(name))
    assert outcome(tmp_path / "cut") == outcome(tmp_path / "whole")


@each_method
def test_what_is_published_is_an_encoder_that_onnx_computes_alike(name: str, tmp_path: Path) -> None:
    from dejavu_export.export import export

    run_toy(tmp_path, toy_settings(name, epochs=1, snapshots=(1,)))
    card = export(snapshot_folder(tmp_path, epoch=1), tmp_path / "encoder.onnx")
    assert card.layers == ("backbone", "projector.1", "projector")
    assert card.parity is not None
    assert max(card.parity.values()) < 1e-4


@each_method
def test_loss_is_finite_and_falls(name: str, tmp_path: Path) -> None:
    import json

    run_toy(tmp_path, toy_settings(name, epochs=25, snapshots=(25,)))
    losses = [json.loads(line)["loss"] for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert len(losses) == 25
    assert sum(losses[-5:]) / 5 < 0.9 * sum(losses[:3]) / 3


@each_method
def test_the_same_settings_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        torch.manual_seed(hash(folder) % 100)  # the state of torch's own generator must not matter
        run_toy(tmp_path / folder, toy_settings(name))
    assert outcome(tmp_path / "one") == outcome(tmp_path / "two")
    assert toy_settings(name).input_size == SIZE


def test_no_method_file_hides_another_module() -> None:
    assert {path.stem for path in Path(methods.__path__[0]).glob("*.py")} == {"__init__", *method_names()}
