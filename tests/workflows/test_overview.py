import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from dejavu_tui.errors import StoppedError
from dejavu_tui.records import EncoderId, Step, never, silent
from dejavu_tui.tables import SCORES
from dejavu_tui.workflows.index import build_index
from dejavu_tui.workflows.overview import TOPS, Overview, holdings, overview
from dejavu_tui.workflows.samples import chosen_samples
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workspace import Audit
from tests.data.planted import RUN, plant, planted_audit
from tests.workflows.sized import plant_run


def stages(seen: Overview, run: str = RUN) -> dict[int, tuple[bool, bool, bool, bool, bool]]:
    """Return exported, embedded, scored, index, probed of each epoch."""
    (facts,) = [one for one in seen.runs if one.name == run]
    return {
        one.epoch: (
            one.stored.exported,
            one.stored.embedded,
            one.stored.scored,
            one.stored.index,
            one.stored.probed,
        )
        for one in facts.snapshots
    }


def files(audit: Audit) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in audit.root.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """At 10 scored without, at 20 with probe; p-8 at 20 alone."""
    audit = planted_audit(tmp_path_factory.mktemp("planted"), external=2, k=6)
    plant_run(audit, "p-8", size=8)
    score_run(audit, run=RUN, epochs=(10,))
    score_run(audit, run=RUN, epochs=(20,), probe=True)
    score_run(audit, run="p-8", epochs=(20,))
    return audit


def test_scores_are_those_of_the_score_and_nothing_is_made(scored: Audit) -> None:
    before = files(scored)
    seen = overview(Audit(scored.root))
    assert files(scored) == before
    wanted = [
        score_run(scored, run="p-8", epochs=(20,), tops=TOPS),
        score_run(scored, run=RUN, epochs=(10,), tops=TOPS),
        score_run(scored, run=RUN, epochs=(20,), tops=TOPS, probe=True),
    ]
    assert seen.scores.schema == SCORES.schema
    key = ["run", "epoch", "direction", "top_percent"]
    assert seen.scores.sort(key).equals(pl.concat(wanted).sort(key))
    all_tops = score_run(scored, run=RUN, epochs=(10,)).filter(pl.col("top_percent").is_in(TOPS))
    assert seen.scores.filter(run=RUN, epoch=10).equals(all_tops)


def test_what_is_stored_and_what_is_not(scored: Audit) -> None:
    seen = overview(scored)
    assert stages(seen) == {10: (True, True, True, False, False), 20: (True, True, True, False, True)}
    assert stages(seen, "p-8")[10] == (True, False, False, False, False)
    assert {row.part: (row.images, row.attacked) for row in seen.parts} == {
        "A": (32, 32),
        "B": (32, 32),
        "E": (8, 8),
        "X": (88, 0),
    }
    assert (seen.k, seen.not_attacked.height) == (6, 0)


def test_following_the_commands_leaves_nothing_missing(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, images=12, attacked=2, k=3)
    stamps = []
    for _ in range(5):
        seen = overview(Audit(audit.root))
        stamps.append(seen.stamp)
        if not seen.missing:
            break
        whole = [sys.executable, "-c", "from dejavu_cli.main import run; run()"]
        first = seen.missing[0]
        assert first.command.startswith("dejavu ")
        words = subprocess.run(
            ["/bin/sh", "-c", f'printf "%s\\n" {first.command}'], capture_output=True, text=True, check=True
        ).stdout.splitlines()[1:]
        subprocess.run([*whole, *words], check=True, capture_output=True, cwd=tmp_path)
    assert not seen.missing
    assert stages(seen)[20] == (True, True, True, True, True)
    assert len(set(stamps)) == len(stamps) == 4
    assert overview(Audit(audit.root)).stamp == stamps[-1]


def test_without_counting_all_is_told_but_the_scores(scored: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = overview(scored)
    monkeypatch.setattr("dejavu_tui.workflows.overview.score_rows", None)
    at_once = holdings(Audit(scored.root))
    assert at_once.scores.is_empty()
    assert (at_once.runs, at_once.missing, at_once.parts) == (whole.runs, whole.missing, whole.parts)


def test_looking_again_counts_no_votes(scored: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    first = overview(scored)
    monkeypatch.setattr("dejavu_tui.workflows.overview.score_rows", None)
    monkeypatch.setattr("dejavu_tui.workflows.overview.read_pair", None)
    again = overview(Audit(scored.root))
    assert again.scores.equals(first.scores)
    assert again.stamp == first.stamp


def test_what_is_remade_from_other_encoders_is_counted_anew(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, images=12, attacked=4, k=3)
    chosen_samples(audit)
    before = overview(audit)
    for trainer in ("A", "B"):
        plant(audit, EncoderId(RUN, trainer, 20), share=0.5)
    stale = overview(audit)
    assert stages(stale)[20] == (True, False, False, False, False)
    assert stale.scores.is_empty()
    chosen_samples(audit)
    after = overview(audit)
    assert not after.scores.equals(before.scores)
    assert after.scores.equals(score_run(audit, tops=TOPS))


def test_what_is_damaged_is_named_and_the_rest_is_shown(scored: Audit, tmp_path: Path) -> None:
    shutil.copytree(scored.root, tmp_path / "audit")
    copy = Audit(tmp_path / "audit")
    (copy.run_folder("p-8") / "settings.toml").write_text("epochs = many")
    next((copy.root / "neighbours" / RUN / "B-000010").rglob("manifest.json")).write_text("{")
    seen = overview(copy)
    assert [(run.name, run.info is None) for run in seen.runs] == [(RUN, False), ("p-8", True)]
    assert seen.scores.select("run", "epoch").unique().rows() == [(RUN, 20)]
    whats = [one.what for one in seen.missing if not one.command]
    assert len(whats) == 2
    assert "epoch 10" in whats[0]
    assert "manifest.json" in whats[0]
    assert "settings.toml" in whats[1]


def test_neighbours_damaged_before_they_are_counted_give_no_score(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, images=12, attacked=2, k=3, seed=5)
    chosen_samples(audit)
    matrix = next((audit.root / "neighbours" / RUN / "A-000020").rglob("ids.npy"))
    matrix.write_bytes(matrix.read_bytes()[:-1] + b"x")
    seen = overview(audit)
    assert seen.scores.is_empty()
    assert "ids.npy" in str(seen.runs[0].snapshots[1].damaged)
    assert any("ids.npy" in one.what for one in seen.missing)


def test_a_training_that_runs_is_told_from_one_that_stopped(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, images=12, attacked=2, k=3, memory={10: 0.0})
    plant_run(audit, "on", size=None)
    shutil.rmtree(audit.onnx_folder(EncoderId("on", "A", 20)))
    for trainer, epochs in (("A", 3), ("B", 20)):
        (audit.run_folder("on") / trainer).mkdir()
        (audit.run_folder("on") / trainer / "log.jsonl").write_text("{}\n" * epochs)

    def training() -> tuple[tuple[str, ...], list[str]]:
        seen = overview(audit)
        (run,) = [one for one in seen.runs if one.name == "on"]
        return run.training, [one.command for one in seen.missing if "SSL_A at epoch 3 of 20" in one.what]

    (now, commands) = training()
    assert now == ()
    assert commands == [f"dejavu train {audit.root} --run on"]
    holder = audit.run_folder("on") / "A" / ".lock.json"
    holder.write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": ""}))
    assert training() == (("A",), [""])
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for who in ({"pid": gone.pid, "host": socket.gethostname()}, {"pid": os.getpid(), "host": "elsewhere"}):
        holder.write_text(json.dumps(who))
        assert training()[0] == ()


def test_without_a_run_the_first_command_is_told(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, images=12, attacked=2, k=3)
    shutil.rmtree(audit.root / "encoders")
    seen = overview(audit)
    assert (seen.runs, seen.scores.height) == ((), 0)
    assert [one.what for one in seen.missing] == ["no run yet"]


def test_reports_and_stops(scored: Audit) -> None:
    steps: list[Step] = []
    overview(scored, progress=steps.append)
    assert [(step.done, step.total) for step in steps] == [(0, 3), (1, 3), (2, 3)]
    with pytest.raises(StoppedError):
        overview(scored, stop=lambda: True)


def test_an_index_is_seen(scored: Audit) -> None:
    for trainer in ("A", "B"):
        encoder = EncoderId("p-8", trainer, 20)
        build_index(scored, encoder, layer="projector", progress=silent, stop=never)
    assert stages(overview(scored), "p-8")[20] == (True, True, True, True, False)


def test_only_the_runs_that_are_named_are_counted(scored: Audit) -> None:
    whole = overview(scored)
    assert not whole.scores.is_empty()
    assert overview(scored, counted=()).scores.is_empty()
    assert overview(scored, counted=[run.name for run in whole.runs]).scores.equals(whole.scores)
    assert [run.name for run in overview(scored, counted=()).runs] == [run.name for run in whole.runs]
