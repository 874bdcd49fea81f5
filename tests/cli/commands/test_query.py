from pathlib import Path

import pytest

from dejavu_tui.workspace import Audit
from tests.cli.commands.test_score import dejavu
from tests.data.planted import planted_audit


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), memory={20: 1.0})


def test_beside_the_audit_and_with_it_named(audit: Audit, tmp_path: Path) -> None:
    picture = str(audit.source / audit.images["path"][0])
    beside = dejavu("query", picture, "--k", "2", "--crop", "20,0,40,40", cwd=audit.root.parent)
    assert beside.returncode == 0
    assert beside.stderr.splitlines()[-1] == "run planted, epoch 20, layer projector"
    lines = beside.stdout.splitlines()
    assert lines[0] == "encoder,rank,image_id,path,label_name,distance"
    assert [line[:3] for line in lines[1:]] == ["A,1", "A,2", "B,1", "B,2"]
    named = dejavu("query", str(audit.root), picture, "--k", "2", "--crop", "20,0,40,40", cwd=tmp_path)
    assert named.stdout == beside.stdout
    by_id = dejavu("query", str(audit.root), "0", "--k", "2", "--crop", "20,0,40,40", cwd=tmp_path)
    assert by_id.stdout == beside.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["gone.png"], 2, "gone.png: is no file and no image of the audit"),
        (["."], 2, "is no file"),
        (["audit.toml"], 3, "audit.toml"),
        (["{picture}", "--crop", "0,0,4"], 2, "4 numbers"),
        (["{picture}", "--crop", "0,0,41,40"], 2, "40x40"),
        (["{picture}", "--k", "0"], 2, "k = 0"),
        (["a", "b", "c"], 2, "one picture"),
    ],
)
def test_what_cannot_be_asked(audit: Audit, words: list[str], code: int, said: str) -> None:
    picture = str(audit.source / audit.images["path"][0])
    done = dejavu("query", *(word.format(picture=picture) for word in words), cwd=audit.root)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
