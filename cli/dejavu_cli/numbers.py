"""Numbers as they are typed: 1,5,20, or 25%."""

import typer


def whole_numbers(text: str, *, option: str, count: int | None = None) -> tuple[int, ...]:
    """Return the numbers of `text`, `count` of them if that is fixed. Raises BadParameter, naming `option`."""
    parts = text.split(",")
    if not all(part.strip().isascii() and part.strip().isdecimal() and len(part) < 12 for part in parts):
        raise typer.BadParameter("whole numbers with commas between them", param_hint=option)
    if count is not None and len(parts) != count:
        raise typer.BadParameter(f"{count} numbers with commas between them", param_hint=option)
    return tuple(int(part) for part in parts)


def least_side(text: str) -> int | str:
    """Return the pixels that `text` is, or the share that it is, as `25%`. Raises BadParameter."""
    number = text.removesuffix("%")
    most = 99 if number != text else 10**7
    if not (number.isascii() and number.isdecimal() and len(number) < 9 and int(number) in range(1, most + 1)):
        raise typer.BadParameter(
            "pixels, as 40, or 1% to 99% of the image's shorter side, as 25%", param_hint="--min-side"
        )
    return int(number) if number == text else f"{int(number)}%"


def epoch_number(text: str) -> int:
    """Return the epoch that `text` is, where `all` could stand too. Raises BadParameter."""
    if not (text.isascii() and text.isdecimal() and len(text) < 8):
        raise typer.BadParameter("a number, or all", param_hint="--epoch")
    return int(text)
