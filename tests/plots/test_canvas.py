from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.plots.canvas import Canvas


def text(canvas: Canvas, rows: int) -> list[str]:
    return ["".join(char for char, _ in canvas.cells(row)) for row in range(rows)]


def test_every_dot_is_its_braille_bit() -> None:
    for x, y, sign in [
        (0, 0, "⠁"),
        (0, 1, "⠂"),
        (0, 2, "⠄"),
        (1, 0, "⠈"),
        (1, 1, "⠐"),
        (1, 2, "⠠"),
        (0, 3, "⡀"),
        (1, 3, "⢀"),
    ]:
        canvas = Canvas(1, 1)
        canvas.dot(x, y, tone="score")
        assert canvas.cells(0) == [(sign, "score")]


def test_lines_dashes_and_signs() -> None:
    canvas = Canvas(4, 1)
    canvas.line((0, 3), (7, 3), tone="target")
    assert text(canvas, 1) == ["⣀⣀⣀⣀"]
    canvas = Canvas(4, 1)
    canvas.line((0, 3), (7, 3), tone="reference", dash=2)
    assert text(canvas, 1) == ["⣀ ⣀ "]
    canvas = Canvas(2, 2)
    canvas.line((0, 7), (3, 0), tone="score")
    assert text(canvas, 2) == [" ⡜", "⡜ "]
    canvas.sign(0, 7, "●", tone="control")
    assert canvas.cells(1) == [("●", "control"), (" ", None)]


def test_a_line_stands_out_of_what_is_filled() -> None:
    canvas = Canvas(2, 1)
    for x in range(4):
        canvas.fill(x, 0, 3, tone="memorized", pattern=lambda _x, _y: True)
    canvas.dot(0, 0, tone="score")
    assert canvas.cells(0) == [("⠁", "score"), ("⣿", "memorized")]


def test_a_cell_of_several_fields_has_the_tone_of_the_largest() -> None:
    canvas = Canvas(2, 1)
    for x in range(4):
        canvas.fill(x, 2 + x // 2, 3, tone="memorized", pattern=lambda _x, _y: True)
        canvas.fill(x, 0, 1 + x // 2, tone="unassociated", pattern=lambda _x, _y: False)
    assert canvas.cells(0) == [("⣤", "memorized"), ("⣀", "unassociated")]


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(-50, 50), st.integers(-50, 50))
def test_what_lies_outside_is_not_drawn(x: int, y: int, right: int, down: int) -> None:
    canvas = Canvas(3, 2)
    canvas.line((x, y), (right, down), tone="score", dash=3)
    canvas.fill(x, y, down, tone="score", pattern=lambda _x, _y: True)
    canvas.sign(right, down, "●", tone="score")
    assert [len(row) for row in text(canvas, 2)] == [3, 3]
