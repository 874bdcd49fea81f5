import json
import re
from pathlib import Path

import polars as pl
import pytest

from dejavu_tui.listing.language import parse
from dejavu_tui.listing.places import Listing
from dejavu_tui.listing.saved import save_view
from dejavu_tui.tables import SAMPLES
from dejavu_tui.workflows.samples import chosen_samples
from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit
from tests.functional.test_contract import dejavu

FLAT = [name for name in SAMPLES.schema if not name.endswith(("neighbours", "distances"))]


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), external=4, memory={20: 0.5})


def test_csv_has_the_columns_of_the_per_sample_table_and_jsonl_the_lists_too(audit: Audit) -> None:
    csv = dejavu("top", "-n", "3", cwd=audit.root)
    assert csv.returncode == 0, csv.stderr
    assert "search: exact, recall 1.0000" in csv.stderr.splitlines()
    header, *rows = csv.stdout.splitlines()
    assert header.split(",") == FLAT
    assert len(rows) == 3
    lines = dejavu("top", "-n", "3", "--format", "jsonl", cwd=audit.root).stdout.splitlines()
    assert [json.loads(line)["image_id"] for line in lines] == [int(row.split(",")[4]) for row in rows]
    assert len(json.loads(lines[0])["target_neighbours"]) == 10


def test_a_table_names_guesses_and_cuts_long_paths_from_the_left(audit: Audit) -> None:
    wide = dejavu("top", "--format", "table", cwd=audit.root).stdout.splitlines()
    assert wide[0] == "run planted  epoch 20  layer projector  k 10"
    assert wide[1] == "memorized, most confident target encoder first"
    first = dejavu("top", "-n", "1", cwd=audit.root).stdout.splitlines()[1].split(",")
    cells = wide[4].split()
    assert cells[0] == first[4]
    assert cells[-1] == first[5]
    assert cells[2] == first[8]
    narrow = dejavu("top", "--format", "table", cwd=audit.root, env={"COLUMNS": "66"}).stdout.splitlines()
    assert max(map(len, narrow)) <= 66
    narrower = dejavu("top", "--format", "table", cwd=audit.root, env={"COLUMNS": "50"}).stdout.splitlines()
    assert max(map(len, narrower)) <= 50
    assert "path" not in narrower[3].split(), "the id is enough where there is no room for a path"


def test_kinds_and_parts_are_chosen(audit: Audit) -> None:
    done = dejavu("top", "--kind", "all", "--part", "E", "-n", "100", cwd=audit.root)
    rows = [line.split(",") for line in done.stdout.splitlines()[1:]]
    assert len(rows) == 16
    assert {row[6] for row in rows} == {"E"}


def test_nothing_to_list_is_said_and_is_no_failure(audit: Audit) -> None:
    done = dejavu("top", "--layer", "backbone", cwd=audit.root)
    assert (done.returncode, done.stdout) == (0, ",".join(FLAT) + "\n")
    assert "no attacked image is listed; each term alone lists: kind:memorized 0\n" in done.stderr
    done = dejavu("top", "--filter", "class:cat -cat", cwd=audit.root)
    assert re.search(r"alone lists: class:cat 16, -cat \d+\n", done.stderr)


def test_a_view_and_a_filter_are_terms_that_must_all_hold(audit: Audit) -> None:
    save_view(audit.root, name="bees", listing=Listing(parse("class:bee"), "id", descending=True))
    done = dejavu("top", "-n", "100", "--view", "bees", "--filter", "kind:memorized", cwd=audit.root)
    assert done.returncode == 0, done.stderr
    samples = chosen_samples(audit).samples
    wanted = samples.filter(pl.col("part") != "E", kind="memorized", label_name="bee")["image_id"].reverse()
    assert [int(line.split(",")[4]) for line in done.stdout.splitlines()[1:]] == wanted.to_list()
    assert len(wanted) > 1


def test_a_table_says_which_images_and_in_which_order(audit: Audit) -> None:
    words = ("--format", "table", "--filter", 'class:cat -"b c"', "--sort", "gap", "--reverse")
    lines = dejavu("top", *words, cwd=audit.root).stdout.splitlines()
    assert lines[1] == 'class:cat -"b c", by gap, smallest first'
    assert "kind" in lines[3].split()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-n", "0"], "-n"),
        (["--kind", "memorised"], "--kind"),
        (["--part", "X"], "--part"),
        (["--k", "81"], "80"),
        (["--filter", "conf>-1 kind:memorised"], "filter, character 14: unknown kind 'memorised'; did you mean"),
        (["--filter", "kind:memorized", "--kind", "all"], "--kind"),
    ],
)
def test_what_cannot_be_listed(audit: Audit, tmp_path: Path, words: list[str], said: str) -> None:
    done = dejavu("top", str(audit.root), *words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
