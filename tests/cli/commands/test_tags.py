import subprocess

import pytest

from dejavu_tui.listing.tags import TAGS_FILE, TagFile
from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit
from tests.functional.test_contract import BIN, dejavu


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), images=12, attacked=2)


def test_images_are_tagged_listed_untagged_and_it_is_undone(audit: Audit) -> None:
    none = dejavu("tags", cwd=audit.root)
    assert (none.returncode, none.stdout) == (0, "image_id,tag\n")
    assert "no tag yet" in none.stderr
    path = audit.images["path"][9]
    said = dejavu("tags", "--add", "ok", "3", path, str(audit.source / path), cwd=audit.root)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "ok: 2 images tagged\n")
    typed = subprocess.run(
        [BIN / "dejavu", "tags", audit.root, "--add", "élan", "-", "4"],
        input="3\n\n9\n",
        cwd=audit.root.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert typed.stderr == "élan: 3 images tagged\n"
    every = ["image_id,tag", "3,ok", "3,élan", "4,élan", "9,ok", "9,élan"]
    assert dejavu("tags", str(audit.root), cwd=audit.root).stdout.splitlines() == every
    taken = dejavu("tags", "--remove", "ok", "3", "4", cwd=audit.root)
    assert taken.stderr == "ok: 1 image untagged, 1 did not have it\n"
    assert dejavu("tags", "--undo", cwd=audit.root).stderr == "undone: untag ok, 1 image\n"
    assert dejavu("tags", cwd=audit.root).stdout.splitlines() == every
    for _ in range(2):
        TagFile(audit.root).undo()
    nothing = dejavu("tags", "--undo", cwd=audit.root)
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert "nothing to undo" in nothing.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--add", "ok"], 2, "--add"),
        (["--add", "ok", "3", "no.png"], 2, "no image 'no.png'"),
        (["--add", "ok", "--remove", "ok", "3"], 2, "--remove"),
        (["3", "4"], 2, "--add TAG"),
        (["3"], 2, "no audit folder"),
    ],
)
def test_what_cannot_be_tagged(audit: Audit, words: list[str], code: int, said: str) -> None:
    before = TagFile(audit.root).read()
    done = dejavu("tags", *words, cwd=audit.root)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert TagFile(audit.root).read() == before


def test_a_damaged_line_is_named(audit: Audit) -> None:
    (audit.root / TAGS_FILE).write_text("\x1b[2J\n", encoding="utf-8")
    done = dejavu("tags", cwd=audit.root)
    assert (done.returncode, done.stdout) == (3, "")
    assert "tags.jsonl, line 1: is damaged" in done.stderr
    assert "\x1b" not in done.stderr


def test_a_change_of_tags_writes_no_table(audit: Audit) -> None:
    for words in (("--add", "t", "3", "--format", "jsonl"), ("--undo", "--out", "tags.csv")):
        done = dejavu("tags", str(audit.root), *words, cwd=audit.root)
        assert (done.returncode, done.stdout) == (2, "")
        assert "go with a list of tags" in done.stderr
    assert not (audit.root / "tags.csv").exists()
