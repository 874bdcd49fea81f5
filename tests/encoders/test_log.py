import json
from pathlib import Path

import pytest

from dejavu_tui.encoders.log import epoch_line, open_log, progress_line, write_epoch
from dejavu_tui.encoders.stepper import Taken
from dejavu_tui.errors import ArtefactError

TAKEN = Taken({"loss": 1.23456, "variance": 0.5}, spread=0.876, lr=0.00123, weight_decay=1e-6)


def write(path: Path, *epochs: int, begin: int = 0) -> list[int]:
    with open_log(path, epochs=begin) as log:
        for epoch in epochs:
            write_epoch(log, epoch_line(epoch, losses=[{"loss": 0.5, "variance": 0.25}], last=TAKEN))
    return [json.loads(line)["epoch"] for line in path.read_text().splitlines()]


def test_a_line_has_the_mean_loss_its_parts_and_what_held_in_the_last_step(tmp_path: Path) -> None:
    write(tmp_path / "log", 1)
    assert json.loads((tmp_path / "log").read_text()) == {
        "epoch": 1,
        "loss": 0.5,
        "terms": {"variance": 0.25},
        "lr": 0.00123,
        "weight_decay": 1e-6,
        "spread": 0.876,
    }


def test_lines_after_the_place_where_it_goes_on_are_cut_off_and_half_ones_too(tmp_path: Path) -> None:
    path = tmp_path / "log"
    assert write(path, 1, 2, 3) == [1, 2, 3]
    with path.open("a") as log:
        log.write('{"epoch": 4, "lo')
    assert write(path, 2, begin=1) == [1, 2]


def test_a_log_that_lost_lines_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "log", 1)
    with pytest.raises(ArtefactError, match="has 1 of 2 epochs"):
        write(tmp_path / "log", begin=2)


def test_means_are_exact_sums() -> None:
    steps = [{"loss": value, "part": -value} for value in (1e16, 1.0, -1e16)]
    line = epoch_line(1, losses=steps, last=TAKEN)
    assert (line["loss"], line["terms"]) == (1 / 3, {"part": -1 / 3})


def test_progress_tells_loss_terms_rate_spread_and_pace() -> None:
    line = progress_line(TAKEN, pace="7 images/s, 2 s left")
    assert line == "loss 1.235 (variance 0.500), lr 0.0012, spread 0.88, 7 images/s, 2 s left"
    other = progress_line(Taken({"loss": 2.0}, spread=1, lr=1, weight_decay=0), pace="x")
    assert other == "loss 2.000, lr 1, spread 1.00, x"
