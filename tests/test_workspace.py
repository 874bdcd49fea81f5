import multiprocessing
import os
import shutil
import signal
from pathlib import Path

import polars as pl
import pytest

from dejavu_tui.artefacts import publish
from dejavu_tui.config import AuditSettings
from dejavu_tui.errors import ArtefactError, BusyError, RequestError, SettingsError
from dejavu_tui.records import EncoderId, Step
from dejavu_tui.tables import BOXES, CROPS, DROPPED, HASHES, IMAGES, PARTS
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workspace import Audit, find_audit
from tests.data.planted import planted_audit


def make_audit(root: Path, source: str = "photos") -> Path:
    settings = AuditSettings(source=source, k=3)
    (root.parent / source).mkdir(exist_ok=True)
    with publish(root, kind="split", identity={"settings": settings.model_dump(mode="json")}) as draft:
        (draft.folder / "audit.toml").write_text(settings.to_toml(), encoding="utf-8")
        draft.editable = frozenset({"audit.toml"})
        ids = range(6)
        images = {
            "image_id": ids,
            "path": [f"c/{i}.png" for i in ids],
            "label": 0,
            "label_name": "c",
            "width": 32,
            "height": 32,
        }
        IMAGES.write(pl.DataFrame(images, schema=IMAGES.schema), draft.folder / "images.parquet")
        BOXES.write(pl.DataFrame(schema=BOXES.schema), draft.folder / "boxes.parquet")
        DROPPED.write(pl.DataFrame(schema=DROPPED.schema), draft.folder / "dropped.parquet")
        HASHES.write(
            pl.DataFrame({"image_id": ids, "sha256": b"0" * 32}, HASHES.schema), draft.folder / "hashes.parquet"
        )
        parts = {"image_id": ids, "part": ["A", "A", "B", "X", "E", "V"]}
        PARTS.write(pl.DataFrame(parts, schema=PARTS.schema), draft.folder / "parts.parquet")
        corner = [0, None, 0, 0]
        crops = {
            "image_id": [0, 1, 2, 4],
            "x0": corner,
            "y0": corner,
            "x1": [9, None, 9, 9],
            "y1": [9, None, 9, 9],
            "reason": [None, "no boxes", None, None],
        }
        CROPS.write(pl.DataFrame(crops, schema=CROPS.schema), draft.folder / "crops.parquet")
    return root


def test_the_audit_is_found_from_inside_beside_and_by_name(tmp_path: Path) -> None:
    root = make_audit(tmp_path / "one")
    (root / "encoders" / "run").mkdir(parents=True)
    for start in (root, root / "encoders" / "run", tmp_path):
        assert find_audit(start=start).root == root
    assert find_audit(root, start=Path("/")).root == root


def test_no_audit_or_several_is_a_request_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="dejavu split IMAGES"):
        find_audit(start=tmp_path)
    with pytest.raises(RequestError, match="is no audit folder"):
        find_audit(tmp_path)
    make_audit(tmp_path / "one")
    make_audit(tmp_path / "two")
    with pytest.raises(RequestError, match="several audit folders here: one, two"):
        find_audit(start=tmp_path)


def test_members_and_attacked_are_joined_by_id(tmp_path: Path) -> None:
    audit = Audit(make_audit(tmp_path / "one"))
    assert audit.members("A", "X")["image_id"].to_list() == [0, 1, 3]
    attacked = audit.attacked()
    assert attacked["image_id"].to_list() == [0, 2, 4]
    assert attacked["part"].to_list() == ["A", "B", "E"]


def test_a_moved_audit_still_opens_and_a_lost_source_is_named(tmp_path: Path) -> None:
    make_audit(tmp_path / "one")
    shutil.move(tmp_path / "one", tmp_path / "moved")
    audit = Audit(tmp_path / "moved")
    assert audit.images.height == 6
    assert audit.source == tmp_path / "photos"
    (tmp_path / "photos").rmdir()
    with pytest.raises(ArtefactError, match=r"photos: the image folder of this audit is not there"):
        _ = Audit(tmp_path / "moved").source


@pytest.mark.parametrize("name", ["images", "parts", "crops", "boxes"])
def test_a_damaged_table_is_refused_by_name(tmp_path: Path, name: str) -> None:
    path = make_audit(tmp_path / "one") / f"{name}.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(ArtefactError, match=rf"{name}\.parquet: is damaged.*restore it from a copy"):
        _ = Audit(tmp_path / "one").images


def test_hand_edits_are_refused_where_the_split_depends_on_them(tmp_path: Path) -> None:
    root = make_audit(tmp_path / "one")
    settings = root / "audit.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("k = 3", "k = 2"), encoding="utf-8")
    assert Audit(root).images.height == 6
    settings.write_text(text.replace("seed = 0", "seed = 1"), encoding="utf-8")
    with pytest.raises(SettingsError, match="was changed after the split"):
        _ = Audit(root).images


def test_fingerprint_follows_what_the_split_holds(tmp_path: Path) -> None:
    one, two = Audit(make_audit(tmp_path / "one")), Audit(make_audit(tmp_path / "two"))
    other = Audit(make_audit(tmp_path / "other", source="elsewhere"))
    assert one.fingerprint == two.fingerprint != other.fingerprint


def test_an_audit_that_cannot_be_written_puts_derived_folders_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = Audit(make_audit(tmp_path / "one"))
    encoder = EncoderId("r", "A", 3)
    there = audit.embeddings_folder(encoder, layer="projector", view="public")
    assert there.is_relative_to(audit.root)
    there.mkdir(parents=True)
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert audit.embeddings_folder(encoder, layer="projector", view="public").resolve() == there.resolve()
    assert not audit.index_folder(encoder, layer="projector").is_relative_to(audit.root)


def _hold(root: str, ready: "multiprocessing.synchronize.Event") -> None:
    with Audit(Path(root)).lock():
        ready.set()
        signal.pause()


def test_a_second_writer_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    root = make_audit(tmp_path / "one")
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Event()
    holder = spawn.Process(target=_hold, args=(str(root), ready))
    holder.start()
    assert ready.wait(30)
    with pytest.raises(BusyError, match=f"written by process {holder.pid} on"), Audit(root).lock():
        pass
    assert Audit(root).images.height == 6
    holder.kill()
    holder.join()
    with Audit(root).lock():
        pass


def test_an_audit_that_cannot_be_written_takes_other_settings_and_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = planted_audit(tmp_path, memory={20: 0.5})
    stored = score_run(audit, resamples=0)
    before = {path: path.stat().st_mtime_ns for path in audit.root.rglob("*")}
    monkeypatch.setattr("dejavu_tui.workspace.os.access", lambda *_: False)
    closed = Audit(audit.root)
    deeper = score_run(closed, ks=(20,), resamples=0)
    assert score_run(closed, resamples=0).equals(stored)
    steps: list[Step] = []
    assert score_run(Audit(audit.root), resamples=0, progress=steps.append).equals(stored)
    assert steps == [], "what is there is read where it is"
    assert {path: path.stat().st_mtime_ns for path in audit.root.rglob("*")} == before
    monkeypatch.undo()
    assert score_run(audit, ks=(20,), resamples=0).equals(deeper)
