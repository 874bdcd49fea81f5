from pathlib import Path

import pytest

from dejavu_tui.workflows.collect import WARNING
from dejavu_tui.workspace import Audit
from tests.cli.commands.test_score import dejavu
from tests.data.planted import planted_audit


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), images=12, attacked=2, k=3)


def test_it_prints_what_was_written(audit: Audit, tmp_path: Path) -> None:
    ids = [str(image_id) for image_id in audit.attacked()["image_id"][:3]]
    for form, name in (("sheet", "s.png"), ("links", "l"), ("csv", "c.csv"), ("ids", "i")):
        done = dejavu("collect", str(audit.root), *ids, "--as", form, "-o", name, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, f"{name}\n")
        assert done.stderr.endswith(f"{WARNING}\n")
    assert (tmp_path / "i").read_text().split() == ids
    assert len(list((tmp_path / "l").iterdir())) == 4
    again = dejavu("collect", str(audit.root), *ids, "--as", "ids", "-o", "i", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (2, "")
    assert "i: is there already; add --force" in again.stderr
    forced = dejavu("collect", str(audit.root), ids[0], "--as", "ids", "-o", "i", "--force", cwd=tmp_path)
    assert forced.returncode == 0
    assert (tmp_path / "i").read_text().split() == ids[:1]


def test_images_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, images=12, attacked=2, k=3)
    image_id, path = audit.attacked().select("image_id", "path").row(0)
    assert dejavu("score", cwd=audit.root).returncode == 0
    (audit.source / path).write_bytes(b"no image")
    done = dejavu("collect", str(audit.root), str(image_id), "--as", "sheet", "-o", "s.png", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "s.png\n")
    assert f"cannot be read: {path}" in done.stderr


def test_a_file_must_be_named(audit: Audit, tmp_path: Path) -> None:
    image_id = str(audit.attacked()["image_id"][0])
    done = dejavu("collect", str(audit.root), image_id, "--as", "csv", "-o", "-", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "name a file" in done.stderr
    assert not list(tmp_path.iterdir())
