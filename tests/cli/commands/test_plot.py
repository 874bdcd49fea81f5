from pathlib import Path

from tests.cli.commands.test_score import dejavu
from tests.data.planted import planted_audit


def test_picture_and_numbers(tmp_path: Path) -> None:
    planted_audit(tmp_path, memory={20: 1.0})
    done = dejavu("plot", "confidence", "-o", "c.png", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "c.png\nc.csv\n")
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")
    assert len((tmp_path / "c.csv").read_text().splitlines()) == 101
    done = dejavu("plot", "pie", "-o", "p.png", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "confidence" in done.stderr
