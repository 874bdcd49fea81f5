from functools import partial
from pathlib import Path

import pytest

from dejavu_tui.config import RunSettings
from dejavu_tui.errors import ParityError, StoppedError
from dejavu_tui.images.boxes import Box
from dejavu_tui.records import EncoderId, never, silent
from dejavu_tui.workflows.int8 import _lying_as, calibration, export_int8, is_quantised
from dejavu_tui.workflows.runs import TRAINERS, inspect_run
from dejavu_tui.workflows.score import score_run
from dejavu_tui.workflows.stored import card_of
from dejavu_tui.workspace import Audit
from tests.data.convolved import convolve
from tests.data.planted import RUN, planted_audit

INT8 = [EncoderId(RUN, trainer, 10, "int8") for trainer in TRAINERS]


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    audit = planted_audit(tmp_path, images=40, attacked=10, external=4, memory={10: 0.0})
    convolve(audit, 10)
    return audit


def export(audit: Audit) -> tuple[Path, ...]:
    return export_int8(audit, RUN, (10,), progress=silent, stop=never)


def test_the_cards_hold_the_agreement(audit: Audit) -> None:
    files = export(audit)
    assert [file.parent.name for file in files] == ["A-000010-int8", "B-000010-int8"]
    for encoder in INT8:
        assert is_quantised(audit, encoder)
        card = card_of(audit, encoder)
        assert (card.precision, card.parity) == ("int8", None)
        assert card.agreement is not None
        assert 0.95 <= card.agreement["neighbours"] <= 1
        assert 0.5 < card.agreement["guesses"] <= 1
        assert 0.5 < card.agreement["guesses_top20"] <= 1
        assert card.agreement["ci_low"] <= card.agreement["score_int8"] <= card.agreement["ci_high"]
        assert card.agreement["crops"] == audit.attacked().height
        assert card.agreement["public"] == audit.members("X").height
    assert inspect_run(audit, RUN).epochs == (10,), "the int8 folders are no snapshots"
    before = [file.stat().st_mtime_ns for file in files]
    assert [file.stat().st_mtime_ns for file in export(audit)] == before


def test_the_agreement_is_that_of_two_scores(audit: Audit) -> None:
    asked = partial(score_run, audit, run=RUN, epochs=(10,), tops=(20,))
    whole, rounded = asked(precision="fp32"), asked(precision="int8")
    (told, *_), notes = (card_of(audit, one).agreement for one in INT8), rounded["note"].to_list()
    assert told is not None
    attacked = audit.attacked().height
    assert told["score_fp32"] == whole["dejavu_score"][0]
    assert told["score_int8"] == rounded["dejavu_score"][0]
    assert (told["ci_low"], told["ci_high"]) == (whole["ci_low"][0], whole["ci_high"][0])
    assert told["crops"] == attacked
    assert not any("int8" in note for note in whole["note"])
    assert all(note.startswith("int8: an approximation") for note in notes)
    assert whole["encoder_target"][0] != rounded["encoder_target"][0]
    assert asked().equals(whole), "float32 stays what it was"


def test_too_few_neighbours_are_refused_and_the_layers_named(audit: Audit) -> None:
    convolve(audit, 10, outlier=3000.0)
    with pytest.raises(
        ParityError,
        match=r"[AB]-000010-int8 keeps [0-9.]+% of the neighbours \(at least 95%\); most is lost at \w+ .* dB",
    ) as caught:
        export(audit)
    assert caught.value.exit_code == 1
    assert not any(is_quantised(audit, encoder) for encoder in INT8)
    assert not list(audit.run_folder(RUN).rglob("*int8*"))


def test_a_score_out_of_its_interval_is_refused(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"score_fp32": 0.1, "score_int8": 0.3, "ci_low": 0.0, "ci_high": 0.2}
    monkeypatch.setattr("dejavu_tui.workflows.int8.scores_of", lambda *_: told)
    with pytest.raises(ParityError, match=r"goes from 0.100 to 0.300, out of its interval \[0.000, 0.200\]"):
        export(audit)
    assert not any(is_quantised(audit, encoder) for encoder in INT8)


def test_of_a_run_of_a_size_only_its_own_images_count(audit: Audit) -> None:
    run = RunSettings(method="simclr", epochs=10, snapshots=(10,), train_size=16)
    (audit.run_folder(RUN) / "settings.toml").write_text(run.to_toml(), encoding="utf-8")
    export(audit)
    told = card_of(audit, INT8[0]).agreement
    whole = score_run(audit, run=RUN, epochs=(10,), tops=(20,))
    assert told is not None
    assert told["score_fp32"] == whole["dejavu_score"][0]
    assert (told["ci_low"], told["ci_high"]) == (whole["ci_low"][0], whole["ci_high"][0])
    assert told["crops"] == whole.filter(direction="both")["n"][0] + audit.members("E").height


def test_other_float32_encoders_are_quantised_anew(audit: Audit) -> None:
    export(audit)
    before = card_of(audit, INT8[0]).sha256
    convolve(audit, 10, outlier=1.5)
    assert not is_quantised(audit, INT8[0])
    export(audit)
    assert card_of(audit, INT8[0]).sha256 != before


def test_it_can_be_stopped(audit: Audit) -> None:
    with pytest.raises(StoppedError):
        export_int8(audit, RUN, (10,), progress=silent, stop=lambda: True)


def test_ranges_are_taken_from_images_and_crops_of_x_alone(audit: Audit) -> None:
    for path in audit.members("A", "B", "E")["path"]:
        (audit.source / path).unlink()
    pixels = calibration(audit, size=8)
    assert pixels.shape == (2 * audit.members("X").height, 8, 8, 3)


@pytest.mark.parametrize(
    ("box", "across", "to", "expected"),
    [
        (Box(0, 0, 10, 10), (10, 10), (40, 20), Box(0, 0, 40, 20)),
        (Box(5, 2, 10, 8), (10, 10), (40, 20), Box(20, 4, 40, 16)),
        (Box(3, 9, 4, 10), (100, 10), (10, 5), Box(0, 4, 1, 5)),
    ],
)
def test_a_crop_lies_in_another_image_as_in_its_own(
    box: Box, across: tuple[int, int], to: tuple[int, int], expected: Box
) -> None:
    assert _lying_as(box, across=across, to=to) == expected
