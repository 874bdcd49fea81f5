from pathlib import Path

from dejavu_tui.workflows.crops import WARNING
from dejavu_tui.workflows.split import plan, settings_for, write
from tests.cli.commands.test_score import dejavu
from tests.data.folders import build_folder


def test_the_path_goes_to_stdout_and_the_rest_to_stderr(tmp_path: Path) -> None:
    source = build_folder(tmp_path / "pictures", classes=2, per_class=15)
    write(plan(source, settings_for(source, k=5, per_class=3)), tmp_path / "audit")
    done = dejavu("crops", "-o", "sheet.png", "-n", "7", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "sheet.png\n")
    assert WARNING in done.stderr
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")
    again = dejavu("crops", "-o", "sheet.png", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (2, "")
    assert "--force" in again.stderr
    to_stdout = dejavu("crops", "-o", "-", cwd=tmp_path)
    assert (to_stdout.returncode, to_stdout.stdout) == (2, "")
