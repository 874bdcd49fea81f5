import io
import json
import os
from pathlib import Path

import polars as pl
import pytest

from dejavu_cli.output import Format, choose_format, emit, encode, render
from dejavu_tui.errors import RequestError

FRAME = pl.DataFrame(
    {
        "run": ["vicreg-convnet", 'a "quoted", name'],
        "score": [0.1 + 0.2, None],
        "n": [600, -1],
        "hit": [True, False],
        "near": [[1, 2], [3]],
    }
)


def test_csv_bytes_are_fixed() -> None:
    assert encode(FRAME, format=Format.CSV) == (
        b'run,score,n,hit\nvicreg-convnet,0.30000000000000004,600,true\n"a ""quoted"", name",,-1,false\n'
    )


def test_json_lines_keep_lists_nulls_and_every_digit() -> None:
    rows = [json.loads(line) for line in encode(FRAME, format=Format.JSONL).splitlines()]
    assert rows == FRAME.to_dicts()


def test_parquet_is_the_frame() -> None:
    assert pl.read_parquet(io.BytesIO(encode(FRAME, format=Format.PARQUET))).equals(FRAME)


def test_table_shows_chosen_columns_short_and_safe() -> None:
    frame = FRAME.with_columns(run=pl.concat_str(pl.lit("[red]x\x1b]52;c;\x07"), "n"))
    text = encode(frame, format=Format.TABLE, shown=("run", "score")).decode()
    assert text.splitlines()[0].split() == ["run", "score"]
    assert "[red]x\\x1b]52;c;\\x07" in text
    assert "0.300" in text
    assert "\x1b" not in text


def test_a_small_number_is_not_shown_as_none() -> None:
    frame = pl.DataFrame({"p": [2.4e-9, 0.0, 0.0005, -0.2]})
    assert encode(frame, format=Format.TABLE).decode().split() == ["p", "<0.001", "0.000", "0.001", "-0.200"]


@pytest.mark.parametrize("format", [Format.CSV, Format.JSONL])  # escapes of JSON leave C1 and bidirectional codes
def test_rows_on_a_terminal_cannot_drive_it(format: Format, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: A002
    name = "x\x1b[31m\x9b31m\u202e"
    frame = pl.DataFrame({"name": [name], "near": [[1, 2]]})
    shown = {}
    for terminal in (True, False):
        stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        monkeypatch.setattr(stdout, "isatty", lambda terminal=terminal: terminal)
        monkeypatch.setattr("sys.stdout", stdout)
        emit(frame, format=format)
        shown[terminal] = stdout.buffer.getvalue().decode()
    assert not {"\x1b", "\x9b", "\u202e"} & set(shown[True])
    assert shown[False].encode() == encode(frame, format=format)


def test_table_is_never_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    text = render(pl.DataFrame({f"column_{i}x": [i] for i in range(30)}))
    assert "29" in text.split()
    assert "…" not in text


@pytest.mark.parametrize(
    ("typed", "out", "chosen"),
    [
        (None, "-", Format.CSV),
        (None, "f.parquet", Format.PARQUET),
        (None, "f.JSONL", Format.JSONL),
        (None, "f.txt", Format.CSV),
        (Format.TABLE, "f.parquet", Format.TABLE),
        (Format.TABLE, "-", Format.TABLE),
    ],
)
def test_format_is_typed_or_fits_the_place(typed: Format | None, out: str, chosen: Format) -> None:
    assert choose_format(typed, out=out) is chosen


def test_a_file_appears_whole_and_a_missing_folder_is_named(tmp_path: Path) -> None:
    emit(FRAME, format=Format.CSV, out=str(tmp_path / "s.csv"))
    assert (tmp_path / "s.csv").read_bytes() == encode(FRAME, format=Format.CSV)
    with pytest.raises(RequestError, match="no such folder"):
        choose_format(None, out=str(tmp_path / "no" / "s.csv"))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="is a folder"):
        choose_format(None, out=str(tmp_path))


def test_a_pipe_or_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        emit(FRAME, format=Format.CSV, out=str(pipe))
        assert os.read(reader, 1 << 16) == encode(FRAME, format=Format.CSV)
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_what_all_rows_say_stands_above_the_table() -> None:
    frame = pl.DataFrame({"run": ["r", "r"], "top_percent": [20, 20], "epoch": [1, 2], "memorized": [0.1, 0.2]})
    assert render(frame).splitlines() == [
        "run r  top_percent 20",
        "       memo-",
        "epoch  rized",
        "    1  0.100",
        "    2  0.200",
    ]
