from pathlib import Path

from tests.cli.commands.test_score import dejavu
from tests.data.planted import planted_audit


def test_prints_the_folders_and_the_recall(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, memory={20: 1.0})
    done = dejavu("index", cwd=tmp_path)
    assert done.returncode == 0
    folders = [Path(line) for line in done.stdout.splitlines()]
    assert [folder.parent.name for folder in folders] == ["A-000020", "B-000020"]
    assert all((folder / "index.bin").is_file() for folder in folders)
    assert "A-000020: recall 1.0000 at k 10" in done.stderr
    assert dejavu("index", "--layer", "head", cwd=audit.root).returncode == 2
