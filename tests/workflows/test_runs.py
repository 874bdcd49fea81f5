import json
from pathlib import Path

import pytest

from dejavu_tui.artefacts import publish
from dejavu_tui.errors import RequestError, SettingsError
from dejavu_tui.records import EncoderId, Trainer
from dejavu_tui.workflows.run_settings import prepare
from dejavu_tui.workflows.runs import TRAINERS, choose_epochs, choose_run, list_runs, next_sequence, sound_runs
from dejavu_tui.workspace import Audit


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    return Audit(tmp_path)


def add_run(
    audit: Audit,
    name: str,
    *,
    sequence: int,
    a: tuple[int, ...] = (),
    b: tuple[int, ...] = (),
    onnx: tuple[int, ...] = (),
) -> None:
    folder = audit.run_folder(name)
    folder.mkdir(parents=True)
    _, settings = prepare(audit, method="vicreg", epochs=8, run="unused")
    (folder / "settings.toml").write_text(settings.to_toml())
    (folder / "state.json").write_text(json.dumps({"sequence": sequence}))
    for trainer, epochs in zip(TRAINERS, (a, b), strict=True):
        for epoch in epochs:
            artefact(folder / trainer / "snapshots" / f"{epoch:06d}", "snapshot")
    for epoch in onnx:
        for trainer in TRAINERS:
            artefact(audit.onnx_folder(EncoderId(name, trainer, epoch)), "onnx")


def artefact(folder: Path, kind: str) -> None:
    with publish(folder, kind=kind, identity={}) as draft:
        (draft.folder / "x").write_text("x")


def test_the_run_trained_last_comes_first_and_is_the_default(audit: Audit) -> None:
    add_run(audit, "one", sequence=3, a=(2, 8), b=(2,))
    add_run(audit, "two", sequence=7)
    add_run(audit, "three", sequence=5)
    assert [run.name for run in list_runs(audit)] == ["two", "three", "one"]
    assert choose_run(audit, None).name == "two"
    assert choose_run(audit, "one").epochs_by == {"A": (2, 8), "B": (2,)}
    assert next_sequence(audit) == 8


def test_only_epochs_of_both_encoders_are_offered(audit: Audit) -> None:
    add_run(audit, "r", sequence=1, a=(2, 4, 8), b=(2, 4), onnx=(1,))
    run = choose_run(audit, "r")
    assert run.epochs == (1, 2, 4)
    assert run.exported == (1,)
    assert choose_epochs(run, epoch=None, sweep=False) == (4,)
    assert choose_epochs(run, epoch=2, sweep=False) == (2,)
    assert choose_epochs(run, epoch=None, sweep=True) == (1, 2, 4)
    with pytest.raises(RequestError, match="no snapshot at epoch 8; there are: 1, 2, 4"):
        choose_epochs(run, epoch=8, sweep=False)


def test_half_written_snapshots_and_exports_are_not_seen(audit: Audit) -> None:
    add_run(audit, "r", sequence=1, a=(2,), b=(2,))
    folder = audit.run_folder("r")
    (folder / "A" / "snapshots" / "000008").mkdir()
    (folder / "A" / "snapshots" / ".000004.x.tmp").mkdir()
    artefact(folder / "onnx" / "A-000002", "onnx")
    (folder / "onnx" / "B-000002").mkdir()
    run = choose_run(audit, "r")
    assert run.epochs_by["A"] == (2,)
    assert run.exported == ()


@pytest.mark.parametrize(
    ("a", "b", "stopped", "state"),
    [((8,), (8,), "", "trained"), ((8,), (4,), "B", "stopped"), ((8,), (), "", "partial")],
)
def test_the_state_of_a_run(
    audit: Audit, a: tuple[int, ...], b: tuple[int, ...], stopped: Trainer, state: str
) -> None:
    add_run(audit, "r", sequence=1, a=a, b=b)
    if stopped:
        (audit.run_folder("r") / stopped / "log.jsonl").write_text("{}\n")
    assert choose_run(audit, "r").state == state


def test_a_run_without_settings_was_imported(audit: Audit) -> None:
    add_run(audit, "r", sequence=1, onnx=(5,))
    (audit.run_folder("r") / "settings.toml").unlink()
    run = choose_run(audit, "r")
    assert (run.settings, run.state, run.epochs) == (None, "imported", (5,))


def test_unknown_runs_and_empty_audits_say_what_to_do(audit: Audit) -> None:
    with pytest.raises(RequestError, match="no run yet; train one with `dejavu train`"):
        choose_run(audit, None)
    add_run(audit, "simclr-convnet", sequence=1)
    with pytest.raises(RequestError, match="did you mean 'simclr-convnet'"):
        choose_run(audit, "simclr")
    with pytest.raises(RequestError, match="no snapshot of both"):
        choose_epochs(choose_run(audit, None), epoch=None, sweep=False)


def test_damaged_settings_are_refused_and_a_damaged_state_is_not_needed(audit: Audit) -> None:
    add_run(audit, "r", sequence=1)
    (audit.run_folder("r") / "state.json").write_text("{")
    assert choose_run(audit, "r").sequence == 0
    (audit.run_folder("r") / "settings.toml").write_text("method = ")
    with pytest.raises(SettingsError, match=r"settings\.toml"):
        list_runs(audit)


def test_a_run_that_is_named_is_opened_beside_a_damaged_one(audit: Audit) -> None:
    add_run(audit, "good", sequence=1, a=(8,), b=(8,))
    add_run(audit, "bad", sequence=2)
    (audit.run_folder("bad") / "settings.toml").write_text("epochs = many")
    assert choose_run(audit, "good").epochs == (8,)
    for typed in ("bad", None):
        with pytest.raises(SettingsError, match="bad"):
            choose_run(audit, typed)
    with pytest.raises(RequestError, match="good"):
        choose_run(audit, "goood")


def test_sound_runs_are_there_beside_damaged_ones_which_are_named(audit: Audit) -> None:
    for place, name in enumerate(("first", "bad", "last")):
        add_run(audit, name, sequence=place)
    (audit.run_folder("bad") / "settings.toml").write_text("epochs = many")
    sound, damaged = sound_runs(audit)
    assert [run.name for run in sound] == ["last", "first"]
    assert damaged == ("bad",)
