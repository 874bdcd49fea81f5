import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dejavu_tui.artefacts import verify
from dejavu_tui.encoders.folders import snapshot_folder
from dejavu_tui.encoders.trainer import train
from dejavu_tui.encoders.trainset import load_images
from dejavu_tui.errors import ArtefactError, ParityError, StoppedError
from dejavu_tui.records import EncoderId, Step, never, silent
from dejavu_tui.workflows.export import export_encoders
from dejavu_tui.workflows.runs import SETTINGS_FILE, TRAINERS, choose_run
from dejavu_tui.workflows.stored import card_of
from dejavu_tui.workspace import Audit
from tests.workflows.trainings import small_audit, small_run

RUN = "simclr-convnet"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    audit = small_audit(tmp_path_factory.mktemp("exported"))
    _, settings = small_run(audit, epochs=2)
    for trainer in TRAINERS:
        folder = audit.run_folder(RUN) / trainer
        folder.mkdir(parents=True)
        members = audit.members(trainer)
        images = load_images(
            members,
            source=audit.source,
            classes=audit.classes,
            size=16,
            progress=silent,
            stop=never,
            stage="",
        )
        train(
            images,
            settings=settings,
            trained_on=trainer,
            audit=audit.fingerprint,
            train_size=len(images),
            folder=folder,
            progress=silent,
            stop=never,
        )
    (audit.run_folder(RUN) / SETTINGS_FILE).write_text(settings.to_toml())
    export_encoders(audit, RUN, (1, 2), progress=silent, stop=never)
    return audit


@pytest.fixture
def audit(exported: Audit, tmp_path: Path) -> Audit:
    shutil.copytree(exported.root.parent, tmp_path / "copy")
    return Audit(tmp_path / "copy" / "audit")


def test_both_encoders_of_each_epoch_are_exported(exported: Audit) -> None:
    assert choose_run(exported, RUN).exported == (1, 2)
    for name in ("A-000001", "B-000001", "A-000002", "B-000002"):
        manifest = verify(exported.run_folder(RUN) / "onnx" / name, kind="onnx")
        assert set(manifest.files) == {"encoder.onnx", "encoder.json"}


def test_what_is_exported_is_reused_without_torch(audit: Audit) -> None:
    code = (
        "import sys; from pathlib import Path; from dejavu_tui.workspace import Audit\n"
        "from dejavu_tui.workflows.export import export_encoders; from dejavu_tui.records import never\n"
        "say = lambda step: sys.exit('exported again')\n"
        "files = export_encoders(Audit(Path(sys.argv[1])), sys.argv[2], (1, 2), progress=say, stop=never)\n"
        "assert [file.parent.name for file in files] == ['A-000001', 'B-000001', 'A-000002', 'B-000002']\n"
        "assert all(file.is_file() for file in files)\n"
        "sys.exit('torch' in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(audit.root), RUN], check=True)


def test_a_removed_export_is_remade_to_the_same_bytes(audit: Audit) -> None:
    folder = audit.run_folder(RUN) / "onnx" / "B-000002"
    before = (folder / "encoder.onnx").read_bytes()
    shutil.rmtree(folder)
    told: list[Step] = []
    (_, file) = export_encoders(audit, RUN, (2,), progress=told.append, stop=never)
    assert file.read_bytes() == before
    assert [step.detail for step in told] == ["B-000002", ""]


def test_exports_serve_without_their_snapshots(audit: Audit) -> None:
    for trainer in TRAINERS:
        shutil.rmtree(audit.run_folder(RUN) / trainer)
    assert len(export_encoders(audit, RUN, (1, 2), progress=silent, stop=never)) == 4


def test_a_damaged_snapshot_is_refused_and_nothing_is_left(audit: Audit) -> None:
    folder = audit.run_folder(RUN) / "onnx"
    shutil.rmtree(folder)
    weights = snapshot_folder(audit.run_folder(RUN) / "A", epoch=2) / "encoder.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x55")
    with pytest.raises(ArtefactError, match=r"encoder\.safetensors.*damaged"):
        export_encoders(audit, RUN, (2,), progress=silent, stop=never)
    assert [path.name for path in folder.iterdir() if not path.name.startswith(".lock")] == []


def test_the_card_tells_how_real_images_agree(exported: Audit) -> None:
    for encoder in (EncoderId(RUN, trainer, 2) for trainer in TRAINERS):
        card = card_of(exported, encoder)
        assert card.agreement is not None
        assert card.agreement["neighbours"] >= 0.999
        assert card.parity is not None
        assert max(card.parity.values()) < 1e-4


def test_other_neighbours_are_no_export(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = audit.run_folder(RUN) / "onnx"
    shutil.rmtree(folder)
    monkeypatch.setattr("dejavu_export.parity._same_neighbours", lambda *_: 0.998)
    with pytest.raises(ParityError, match=r"finds 99\.80% of the neighbours"):
        export_encoders(audit, RUN, (2,), progress=silent, stop=never)
    assert [path.name for path in folder.iterdir() if not path.name.startswith(".lock")] == []


def test_without_parity_nothing_is_left(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    from dejavu_export import export as export_module
    from dejavu_export.parity import Parity

    folder = audit.run_folder(RUN) / "onnx"
    shutil.rmtree(folder)
    monkeypatch.setattr(export_module, "measure_parity", lambda *_, **__: Parity({"backbone": 0.01}))
    with pytest.raises(ParityError):
        export_encoders(audit, RUN, (2,), progress=silent, stop=never)
    assert [path.name for path in folder.iterdir() if not path.name.startswith(".lock")] == []


def test_it_stops_between_two_encoders(audit: Audit) -> None:
    shutil.rmtree(audit.run_folder(RUN) / "onnx")
    asked = iter([False, True])
    with pytest.raises(StoppedError):
        export_encoders(audit, RUN, (2,), progress=silent, stop=lambda: next(asked))
    assert (audit.run_folder(RUN) / "onnx" / "A-000002" / "manifest.json").is_file()
    assert not (audit.run_folder(RUN) / "onnx" / "B-000002").exists()
