from pathlib import Path

from dejavu_tui.workflows.split import plan, settings_for, write
from dejavu_tui.workflows.split_needs import NUMBERS, needs_of
from tests.data.folders import build_folder


def test_what_is_needed_is_what_will_be_there(tmp_path: Path) -> None:
    source = build_folder(tmp_path / "pictures", classes=2, per_class=20, boxless=4)
    planned = plan(source, settings_for(source, k=5, per_class=4, external=1))
    needs = needs_of(planned)
    assert not (tmp_path / "audit").exists()
    audit = write(planned, tmp_path / "audit")
    assert needs.tables == sum(path.stat().st_size for path in audit.root.glob("*.parquet"))
    public, attacked = audit.members("X").height, audit.attacked().height
    assert needs.public == public * NUMBERS * 4
    assert needs.embeddings == 2 * (public + attacked) * NUMBERS * 4
