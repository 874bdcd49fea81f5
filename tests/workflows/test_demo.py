from pathlib import Path

import pytest

from dejavu_tui.errors import RequestError, StoppedError
from dejavu_tui.records import Step, never, silent
from dejavu_tui.tables import SCORES
from dejavu_tui.workflows.demo import Recipe, run_demo
from tests.data.folders import build_folder


def told(_line: str) -> None:
    """Listen to nothing."""


SMALL = Recipe(epochs=3, settings=("batch=8", "projector=8-8"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build_folder(tmp_path_factory.mktemp("demo") / "pictures", per_class=20)
    (folder / "split.toml").write_text("per_class = 5\nexternal = 2\nk = 4\n", encoding="utf-8")
    return folder


def test_the_demo_goes_through_every_stage_and_reuses_them(data: Path) -> None:
    lines: list[str] = []
    stages: list[str] = []
    out = data.parent / "audit"

    def note(step: Step) -> None:
        stages.append(step.stage)

    scores = run_demo(data, out, announce=lines.append, progress=note, stop=never, recipe=SMALL)
    SCORES.check(scores)
    assert scores["epoch"].unique().sort().to_list() == [1, 2, 3]
    assert set(scores["direction"]) == {"both", "E"}
    assert [line.split()[1] for line in lines] == ["split", "train", "export-onnx", "score", "index"]
    assert "--set batch=8 --set projector=8-8" in lines[1]
    assert any(stage.startswith("export") for stage in stages)

    stages.clear()
    again = run_demo(data, out, announce=lines.append, progress=note, stop=never, recipe=SMALL)
    assert again.equals(scores)
    assert not any(stage.startswith(("export", "embed", "search")) for stage in stages)


def test_without_data_the_way_out_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="clone of the repository, or give --data"):
        run_demo(tmp_path / "none", tmp_path / "out", announce=told, progress=silent, stop=never)
    assert list(tmp_path.iterdir()) == []


def test_a_stop_keeps_what_is_finished(data: Path) -> None:
    out = data.parent / "stopped"
    asked = iter([False] * 4)
    with pytest.raises(StoppedError):
        run_demo(data, out, announce=told, progress=silent, stop=lambda: next(asked, True), recipe=SMALL)
    scores = run_demo(data, out, announce=told, progress=silent, stop=never, recipe=SMALL)
    assert scores.height > 0
