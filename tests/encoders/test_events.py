from pathlib import Path

import pytest

from dejavu_tui.encoders.folders import events_folder
from tests.encoders.toys import outcome, run_toy, toy_settings


def test_events_hold_the_log_and_change_no_other_byte(tmp_path: Path) -> None:
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    settings = toy_settings("vicreg", epochs=2, snapshots=(2,))
    run_toy(tmp_path / "plain", settings)
    run_toy(tmp_path / "told", settings, events=True)
    events = reader.EventAccumulator(str(events_folder(tmp_path / "told"))).Reload()
    names = {"loss", "lr", "weight_decay", "spread"}
    assert {name for name in events.Tags()["scalars"] if not name.startswith("terms/")} == names
    assert any(name.startswith("terms/") for name in events.Tags()["scalars"])
    assert [scalar.step for scalar in events.Scalars("loss")] == [1, 2]
    told = {name: data for name, data in outcome(tmp_path / "told").items() if not name.startswith("tensorboard")}
    assert told == outcome(tmp_path / "plain")
