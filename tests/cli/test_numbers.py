import pytest
import typer

from dejavu_cli.numbers import whole_numbers


def test_numbers_with_commas() -> None:
    assert whole_numbers("1,5, 20", option="--top") == (1, 5, 20)
    assert whole_numbers("0,0,4,4", option="--crop", count=4) == (0, 0, 4, 4)


@pytest.mark.parametrize("text", ["", "1,", "a", "-1", "1.5", "²", "٣", "9" * 400])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        whole_numbers(text, option="--top")


def test_another_count_is_refused() -> None:
    with pytest.raises(typer.BadParameter, match="4 numbers"):
        whole_numbers("1,2,3", option="--crop", count=4)
