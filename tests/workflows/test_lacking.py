from pathlib import Path

import pytest

from dejavu_tui.workflows.lacking import train_words
from dejavu_tui.workflows.run_settings import prepare
from tests.data.planted import planted_audit


@pytest.mark.parametrize(
    ("method", "size", "assignments"),
    [
        ("simclr", None, ()),
        ("vicreg", 2, ("lr=1e-6", "mean=[0.5, 0.4, 0.25]", "projector=8-8", "seed=7")),
        ("simclr", None, ("temperature=0.2", "scale_min=0.5", "augment.flip=0", "batch=6")),
    ],
)
def test_the_words_that_train_a_run_mean_its_settings(
    tmp_path: Path, method: str, size: int | None, assignments: tuple[str, ...]
) -> None:
    audit = planted_audit(tmp_path, images=12, attacked=2, k=3, memory={1: 0.0})
    name, settings = prepare(audit, method=method, epochs=9, snapshots=(3,), size=size, assignments=assignments)
    words = train_words(name, settings)
    assert words[0] == "train"
    options = list(zip(words[1::2], words[2::2], strict=True))
    typed = dict(options)
    again = prepare(
        audit,
        method=typed["--method"],
        arch=typed["--arch"],
        epochs=int(typed["--epochs"]),
        snapshots=[int(one) for one in typed["--snapshots"].split(",")],
        run=typed["--run"],
        size=int(typed["--size"]) if "--size" in typed else None,
        assignments=[value for option, value in options if option == "--set"],
    )
    assert again == (name, settings)
    assert len([option for option, _ in options if option == "--set"]) == len(assignments)
