import pytest

from dejavu_cli.scored import fitting, tell_few
from tests.plots.frames import scores

SHOWN = ("run", "epoch", "n", "dejavu_score", "memorized", "tie_block")


@pytest.mark.parametrize(("columns", "left"), [(200, ()), (30, ("tie_block",)), (22, ("tie_block", "n"))])
def test_a_narrow_terminal_does_without_spare_columns(
    columns: int, left: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = scores({"epoch": 10, "n": 600}, {"epoch": 20, "n": 400})
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    assert fitting(frame, shown=SHOWN, spare=("tie_block", "n")) == tuple(n for n in SHOWN if n not in left)
    said = capsys.readouterr().err
    assert all(name in said for name in left) if left else not said


def test_into_a_pipe_all_columns_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "10")
    assert fitting(scores({}), shown=SHOWN, spare=SHOWN) == SHOWN


def test_scores_that_rest_on_few_images_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    tell_few(scores({"top_percent": 1}, {"top_percent": 20}, {"top_percent": 1, "direction": "E", "n": 100}))
    assert capsys.readouterr().err == "top 1% of 300 images in each direction: 3, too few to say much\n"
