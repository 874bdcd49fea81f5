from pathlib import Path

from dejavu_tui.records import EncoderId, View
from dejavu_tui.workflows.shown import ids_of, shown_digest, shown_to
from tests.data.planted import RUN, planted_audit
from tests.workflows.sized import plant_run


def test_what_is_shown_alike_has_one_digest_and_all_else_another(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, images=12, attacked=4, k=3)
    plant_run(audit, "whole", size=None)
    plant_run(audit, "small", size=8)
    views: tuple[View, ...] = ("own", "heldout", "public", "crops")
    seen: dict[str, bytes] = {}
    for run in (RUN, "whole", "small"):
        for trainer in ("A", "B"):
            for epoch in (10, 20):
                for view in views:
                    encoder = EncoderId(run, trainer, epoch)
                    ids = ids_of(shown_to(audit, encoder, view)).tobytes()
                    assert seen.setdefault(shown_digest(audit, encoder, view), ids) == ids
    assert len(set(seen.values())) == len(seen) == 2 + 4  # X, crops; A, B, and 8 images of each


def test_another_size_under_the_same_name_is_noticed(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, images=12, attacked=4, k=3)
    plant_run(audit, "r", size=8)
    before = shown_digest(audit, EncoderId("r", "A", 20), "own")
    path = audit.run_folder("r") / "settings.toml"
    path.write_text(path.read_text().replace("train_size = 8", "train_size = 12"))
    assert shown_digest(audit, EncoderId("r", "A", 20), "own") != before
