"""Every filter, field and command of docs/filters.md."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from dejavu_tui.listing.fields import FIELDS, SORTS, FieldType
from dejavu_tui.listing.language import OPERATORS, parse
from dejavu_tui.listing.places import Listing, places
from dejavu_tui.listing.saved import VIEWS_FILE, load_views
from tests.data.planted import planted_audit
from tests.functional.test_contract import BIN
from tests.listing.frames import samples

PAGE = (Path(__file__).parents[2] / "docs" / "filters.md").read_text(encoding="utf-8")
NAMES = {0: "swan", 1: "Black swan", 2: "goose"}


def section(name: str) -> str:
    return PAGE.partition(f"## {name}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize(
    "typed", re.findall(r"^\| `(.+)` \|", PAGE.partition("## Language")[0], flags=re.MULTILINE)
)
def test_the_examples_are_filters(typed: str) -> None:
    assert str(parse(typed)) == typed
    places(samples([]), Listing(parse(typed), "id", False), names=NAMES, tags={})


def test_the_lines_about_the_language_name_what_there_is() -> None:
    said = section("Language")
    for typed in ("conf:..-1", "id:500.."):
        assert f"`{typed}`" in said
        assert parse(typed)
    (shell,) = re.findall(r"--filter '(.*)'`", said)
    assert len(parse(shell).terms) == 2


def test_the_table_of_fields_is_the_table_of_fields() -> None:
    rows = [line for line in section("Fields").splitlines() if line.startswith("| `")]
    for row, field in zip(rows, FIELDS.values(), strict=True):
        values = ", ".join(field.choices) if field.type is FieldType.CHOICE else field.type.value
        operators = " ".join(f"`{operator}`" for operator in OPERATORS[field.type])
        assert row == f"| `{field.name}` | {values} | {operators} | {field.meaning} |"
    first = re.findall(r"`(\w+)`", section("Fields").rpartition("--sort gap")[2].partition("begin")[0])
    assert first == [name for name, descending in SORTS.items() if descending]


def test_the_commands_run_beside_an_audit(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, external=4, memory={10: 0.5, 20: 1.0})
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)
    out = {}
    for line in [line for block in blocks for line in block.splitlines()]:
        done = subprocess.run(
            ["/bin/bash", "-o", "pipefail", "-c", line],
            cwd=tmp_path,
            env=os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        out[line] = done.stdout
    assert out["dejavu views"].splitlines()[1:] == ["sure,kind:memorized conf>-1,gap,true"]
    assert len(out["dejavu top --view sure -n 5"].splitlines()) == 6
    assert out["dejavu top --filter 'tag:look' | wc -l"].strip() == "4"
    assert len(out["dejavu tags"].splitlines()) == 4
    (written,) = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
    (audit.root / VIEWS_FILE).write_text(written, encoding="utf-8")
    assert load_views(audit.root)["doubtful"] == Listing(parse("kind:memorized conf<-1.5"), "conf", False)
