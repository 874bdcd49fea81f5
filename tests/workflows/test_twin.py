import shlex
from pathlib import Path

import pytest

from dejavu_tui.workflows.twin import command
from dejavu_tui.workspace import Audit, find_audit


def folders(root: Path, *names: str) -> list[Audit]:
    for name in names:
        (root / name).mkdir()
        (root / name / "audit.toml").touch()
    return [Audit(root / name) for name in names]


@pytest.mark.parametrize("names", [("one",), ("a b", "-x", "it's")])
def test_the_audit_named_is_the_one_meant_wherever_one_stands(tmp_path: Path, names: tuple[str, ...]) -> None:
    (tmp_path / "beside").mkdir()
    for audit in folders(tmp_path, *names):
        for start in (tmp_path, audit.root, tmp_path / "beside"):
            program, what, *rest = shlex.split(command(audit, ["score", "--run", "a b"], start=start))
            assert (program, what, rest[-2:]) == ("dejavu", "score", ["--run", "a b"])
            named = rest[:-2]
            assert all(not word.startswith("-") for word in named)
            assert find_audit(*(start / word for word in named), start=start).root == audit.root


def test_it_is_not_named_where_it_is_found_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (audit,) = folders(tmp_path, "one")
    monkeypatch.chdir(tmp_path)
    assert command(audit, ["runs"]) == "dejavu runs"
    folders(tmp_path, "two")
    assert command(audit, ["runs"]) == "dejavu runs ./one"
