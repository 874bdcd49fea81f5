"""A recipe from the command to an exported encoder: what it says reaches the network and stays beside it."""

import json
import tomllib
from pathlib import Path

from tests.functional.test_contract import dejavu
from tests.workflows.trainings import small_audit


def test_a_recipe_trains_goes_on_and_exports_with_its_stem(tmp_path: Path) -> None:
    audit = small_audit(tmp_path)
    sizes = [word for setting in ("batch=6", "projector=8-8", "input_size=16") for word in ("--set", setting)]
    train = ("train", "--recipe", "small-vicreg", "--arch", "resnet18", "--epochs", "1", *sizes)
    done = dejavu(*train, cwd=audit.root)
    assert (done.returncode, done.stdout) == (0, "")
    assert "run vicreg-resnet18" in done.stderr
    folder = audit.run_folder("vicreg-resnet18")
    settings = tomllib.loads((folder / "settings.toml").read_text(encoding="utf-8"))
    assert (settings["stem"], settings["batch"], settings["warmup"]) == ("small", 6, 0.5)
    assert settings["lr"] == 0.002 * 6 / 256
    (card,) = (json.loads(path.read_text(encoding="utf-8")) for path in (folder / "A").rglob("encoder.json"))
    assert (card["architecture"], card["stem"]) == ("resnet18", "small")
    assert "already trained" in dejavu(*train, cwd=audit.root).stderr
    exported = dejavu("export-onnx", cwd=audit.root)
    assert exported.returncode == 0, exported.stderr
    assert len(list((folder / "onnx").rglob("*.onnx"))) == 2
    other = dejavu("train", "--method", "vicreg", "--arch", "resnet18", "--epochs", "1", *sizes, cwd=audit.root)
    assert other.returncode == 3
    assert "stem: small here, large asked" in other.stderr


def test_neither_method_nor_recipe_is_a_usage_error(tmp_path: Path) -> None:
    audit = small_audit(tmp_path)
    done = dejavu("train", cwd=audit.root)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--method, or --recipe" in done.stderr
