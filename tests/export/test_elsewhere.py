from pathlib import Path

import pytest
from typer.testing import CliRunner

from dejavu_cli.main import build
from dejavu_export.elsewhere import export_checkpoint
from dejavu_export.foreign.asked import Asked, Known, settle
from dejavu_export.formats import format_names, load_format
from dejavu_tui.errors import RequestError

FOLDER = Path(__file__).parents[2] / "export" / "dejavu_export" / "formats"


def test_every_format_has_a_test_and_brings() -> None:
    for name in format_names():
        assert (Path(__file__).parent / "formats" / f"test_{name.replace('-', '_')}.py").is_file()
        assert callable(load_format(name).bring)
    files = {path.stem.replace("_", "-") for path in FOLDER.glob("[a-z]*.py")}
    assert files == set(format_names())


def test_an_unknown_format_names_the_nearest_and_a_place_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="unknown format 'vicregg'; did you mean 'vicreg'"):
        export_checkpoint("x", format="vicregg", asked=Asked(), out=tmp_path / "A.onnx")
    for out in (tmp_path / "A.pth", tmp_path / "no" / "A.onnx"):
        with pytest.raises(RequestError, match=r"is no place for an ONNX file; name F\.onnx"):
            export_checkpoint("x", format="vicreg", asked=Asked(), out=out)


def test_what_is_typed_wins_over_what_a_format_knows_but_not_over_the_file() -> None:
    known = Known(method="vicreg", epoch=3, size=224, mean=(0.1,) * 3, std=(0.2,) * 3)
    assert settle(Asked(), known).size == 224
    facts = settle(Asked(size=96, std=(0.3,) * 3, epoch=3), known)
    assert (facts.size, facts.mean, facts.std, facts.epoch) == (96, (0.1,) * 3, (0.3,) * 3, 3)
    with pytest.raises(RequestError, match="--epoch 0: the checkpoint says 3"):
        settle(Asked(epoch=0), known)


def test_a_format_whose_library_is_not_installed_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name, name="torch")

    monkeypatch.setattr("dejavu_export.formats.import_module", missing)
    with pytest.raises(RequestError, match=r"needs torch, which is not installed .*; install the extra `train`"):
        load_format("vicreg")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--checkpoint f", "--format"),
        ("--checkpoint f --format onnx", "--out"),
        ("--arch resnet18", "--checkpoint"),
        ("--force", "--checkpoint"),
        ("audit --force", "does not go with --force"),
        ("audit --checkpoint f --format onnx --out f.onnx", "does not go with --checkpoint"),
        ("--checkpoint f --format onnx --out f.onnx --run r", "does not go with --checkpoint"),
        ("--checkpoint f --format onnx --out f.onnx --mean 1,2", "three numbers"),
        ("--checkpoint f --format onnx --out f.onnx --std 0,1,1", "std above 0"),
        ("--checkpoint f --format onnx --out f.onnx --mean nan,1,1", "for pixels in 0..1"),
        ("--checkpoint f --format onnx --out f.onnx --layer x", "LAYER=OUTPUT"),
        ("--checkpoint f --format onnx --out f.onnx --epoch all", "a number"),
    ],
)
def test_options_that_do_not_fit_are_usage_errors(line: str, said: str) -> None:
    done = CliRunner().invoke(build(), ["export-onnx", *line.split()])
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())
