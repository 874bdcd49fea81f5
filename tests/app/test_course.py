"""What became of an image along a line of points, and how it is told."""

from typing import Any

import polars as pl
import pytest

from dejavu_tui.app.course import Course, course, lacking, story
from dejavu_tui.tables import TRACE
from dejavu_tui.workflows.trace import Absent, Over, Point, Trace

M, U, C = "memorized", "unassociated", "correlated"


def line(kinds: dict[Any, str | None], over: Over = "epochs", near: dict[Any, list[int]] | None = None) -> Course:
    """A course with the kind of each point, in that order; None: not stored."""
    points = {
        name: Point("run", name, "projector")
        if over == "epochs"
        else Point("run", 800, name)
        if over == "layers"
        else Point(name, 800, "projector")
        for name in kinds
    }
    rows = [
        {
            "run": point.run, "epoch": point.epoch, "layer": point.layer, "kind": kinds[name],
            "target_neighbours": (near or {}).get(name, [1, 2]), "reference_neighbours": [3, 4],
        }
        for name, point in points.items() if kinds[name]
    ]  # fmt: skip
    names = ("run", "epoch", "layer", "kind", "target_neighbours", "reference_neighbours")
    table = pl.DataFrame(rows, schema={name: TRACE.schema[name] for name in names})
    missing = tuple(Absent(point, "not exported", "") for name, point in points.items() if not kinds[name])
    return course(Trace(5, over, 20, table, missing), order=[str(name) for name in kinds])


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        ({100: U, 200: M, 400: M}, "memorized since epoch 200"),
        ({100: M, 200: M}, "memorized since epoch 100, the first snapshot"),
        ({100: M, 200: U, 400: M}, "memorized since epoch 400, and before at 100"),
        ({100: U, 200: None, 400: M}, "memorized since epoch 400 or earlier: epoch 200 is not stored"),
        ({100: U, 200: M, 400: None}, "memorized since epoch 200"),
        ({100: M, 200: U}, "memorized at epoch 100, no longer at 200: there unassociated"),
        ({100: U, 200: C}, "memorized at none of 2 stored epochs; correlated at the last, 200"),
        ({100: None}, "Nothing of this line is stored yet."),
    ],
)
def test_story_over_epochs(kinds: dict[int, str | None], told: str) -> None:
    assert story(line(kinds)) == told


def test_story_over_layers_and_runs() -> None:
    assert story(line({"backbone": U, "projector": M}, "layers")) == "memorized at 1 of 2 stored layers: projector"
    assert story(line({"a": M, "b": M, "c": None}, "runs")) == "memorized at all 2 stored runs"
    assert story(line({"a": U, "b": C}, "runs")) == "memorized at none of 2 stored runs"


def test_points_that_are_not_stored_keep_their_place_in_the_line() -> None:
    assert [one.point.epoch for one in line({400: M, 50: None, 200: U, 100: None}).stations] == [50, 100, 200, 400]
    assert [one.point.run for one in line({"z": None, "b": M, "a": None}, "runs").stations] == ["z", "b", "a"]


def test_new_neighbours_are_those_that_the_stored_point_before_lacks() -> None:
    found = line({100: U, 200: None, 400: M}, near={100: [7, 8, 9], 400: [9, 10, 7]})
    assert found.new(0, "target") == found.new(1, "target") == frozenset()
    assert found.new(2, "target") == {10}
    assert found.new(2, "reference") == frozenset()


def test_a_point_that_is_not_stored_says_why() -> None:
    found = line({100: None, 200: M})
    assert lacking(found.stations[0], found) == "epoch 100: not exported"
    assert lacking(found.stations[1], found) is None
