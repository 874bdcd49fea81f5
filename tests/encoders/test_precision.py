import json
from pathlib import Path

import pytest
import torch

from dejavu_tui.encoders.checkpoints import read_encoder
from dejavu_tui.encoders.folders import resume_folder, snapshot_folder
from dejavu_tui.errors import StoppedError
from tests.encoders.test_trainer import After
from tests.encoders.toys import outcome, run_toy, toy_settings


@pytest.mark.parametrize(("precision", "steps"), [("bf16", 3), ("fp16", 1), ("fp16", 5)])
def test_less_precise_networks_go_on_to_the_same_bytes(tmp_path: Path, precision: str, steps: int) -> None:
    run_toy(tmp_path / "whole", toy_settings(precision=precision))
    with pytest.raises(StoppedError):
        run_toy(tmp_path / "cut", toy_settings(precision=precision), stop=After(steps))
    state = json.loads((resume_folder(tmp_path / "cut") / "state.json").read_text())
    assert (state["scaler"].get("scale", 0) > 1) == (precision == "fp16")
    run_toy(tmp_path / "cut", toy_settings(precision=precision))
    assert outcome(tmp_path / "cut") == outcome(tmp_path / "whole")
    encoder, _ = read_encoder(snapshot_folder(tmp_path / "whole", epoch=4))
    assert all(weight.dtype == torch.float32 for weight in encoder.parameters())


def test_bf16_learns_much_the_same(tmp_path: Path) -> None:
    for precision in ("fp32", "bf16"):
        run_toy(tmp_path / precision, toy_settings(precision=precision, epochs=1, snapshots=(1,)))
    exact, rough = (json.loads((tmp_path / name / "log.jsonl").read_text())["loss"] for name in ("fp32", "bf16"))
    assert exact != rough
    assert exact == pytest.approx(rough, rel=0.05)
