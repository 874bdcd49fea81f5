import json
from pathlib import Path

import pytest

from dejavu_tui.errors import SettingsError
from dejavu_tui.workflows.overview import holdings
from dejavu_tui.workflows.run_settings import again, prepare
from dejavu_tui.workspace import Audit
from tests.data.planted import RUN, planted_audit


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    return planted_audit(tmp_path, images=12, attacked=2, k=3, memory={1: 0.0})


def begin(audit: Audit, *, size: int | None = None, devices: int = 1) -> str:
    """Leave a run as one that was stopped in its first epoch does; return its name."""
    chosen = ("lr=1e-6", "mean=[0.5, 0.4, 0.25]", "augment.flip=0", "temperature=0.2", f"devices={devices}")
    name, settings = prepare(audit, method="simclr", epochs=9, snapshots=(3,), size=size, assignments=chosen)
    for trainer in "AB":
        (audit.run_folder(name) / trainer).mkdir(parents=True)
        (audit.run_folder(name) / trainer / "log.jsonl").write_text(json.dumps({"epoch": 1}) + "\n")
    (audit.run_folder(name) / "settings.toml").write_text(settings.to_toml())
    return name


@pytest.mark.parametrize("size", [None, 2])
def test_a_run_that_was_stopped_goes_on_with_its_name_alone(audit: Audit, size: int | None) -> None:
    name = begin(audit, size=size)
    lack = next(one for one in holdings(audit).missing if one.what.startswith(f"run {name}: SSL_A"))
    assert lack.what == f"run {name}: SSL_A at epoch 1 of 9, SSL_B at epoch 1 of 9"
    assert lack.command == f"dejavu train {audit.root} --run {name}"
    settings = again(audit, name)
    assert (settings.lr, settings.train_size, settings.augment.flip) == (1e-6, size, 0)
    assert settings.options["temperature"] == 0.2


def test_by_as_many_processes_as_before(audit: Audit) -> None:
    name = begin(audit, devices=2)
    assert again(audit, name, devices=2) == again(audit, name)
    with pytest.raises(SettingsError, match="devices: 2 here, 3 asked"):
        again(audit, name, devices=3)


def test_a_run_from_elsewhere_does_not_go_on(audit: Audit) -> None:
    with pytest.raises(SettingsError, match=f"the run '{RUN}' was not trained here"):
        again(audit, RUN)
