"""What every recipe must be: whole, in range, known without torch, and of a method that has both kinds."""

import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dejavu_tui.config import AugmentSettings, RunSettings
from dejavu_tui.encoders import recipes
from dejavu_tui.encoders.methods import load_method, method_names
from dejavu_tui.encoders.names import ARCHS, check_input
from dejavu_tui.encoders.recipes import load_recipe, recipe_names
from dejavu_tui.errors import RequestError

each_recipe = pytest.mark.parametrize("name", recipe_names())


def settings(values: Mapping[str, Any], **changes: Any) -> RunSettings:
    whole = {"snapshots": (values["epochs"],), **values, **changes}
    return RunSettings.parse(whole, where="recipe")


@each_recipe
def test_it_is_a_whole_run_whose_values_are_in_range(name: str) -> None:
    recipe = load_recipe(name)
    known = set(RunSettings.model_fields) | {"about", "base_lr", "warmup_epochs"}
    written = tomllib.loads((Path(recipes.__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))
    assert set(written) <= known - {"lr", "warmup", "snapshots", "train_size", "threads", "seed", "schema_version"}
    assert set(written.get("augment", {})) <= set(AugmentSettings.model_fields)
    run = settings(recipe.values)
    assert (
        load_method(run.method).Options.parse(dict(run.options), where=name).model_dump().keys()
        >= run.options.keys()
    )
    small = run.augment.small_size if run.augment.small_views else None
    check_input(run.arch, stem=run.stem, size=run.input_size, small=small)
    assert 0 < recipe.lr(run) < 10
    assert 0 <= recipe.warmup(run) <= 0.5
    assert name.partition("-")[2] == run.method
    assert recipe.about.endswith("epochs") or str(run.epochs) in recipe.about


def test_the_page_of_recipes_lists_each_with_what_it_is() -> None:
    page = (Path(__file__).parents[2] / "docs" / "recipes.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` | {load_recipe(name).about} |" in page for name in recipe_names())
    assert all(f"`{arch}`" in page for arch in ARCHS)


def test_every_method_has_a_paper_recipe_and_a_small_one() -> None:
    assert set(recipe_names()) == {f"{kind}-{method}" for kind in ("paper", "small") for method in method_names()}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "paper-vicreg",
            {
                "batch": 1024,
                "optimizer": "lars",
                "weight_decay": 1e-6,
                "projector": "8192-8192-8192",
                "epochs": 1000,
            },
        ),
        ("paper-simclr", {"projector": "2048-256", "options": {"temperature": 0.15}, "arch": "resnet50"}),
        ("paper-dino", {"arch": "vit-small", "weight_decay": 0.04, "weight_decay_end": 0.4, "optimizer": "adamw"}),
    ],
)
def test_values_of_the_papers(name: str, expected: dict[str, object]) -> None:
    found = settings(load_recipe(name).values).model_dump()
    assert {key: found[key] for key in expected} == expected


def test_the_rate_grows_with_the_batch_and_the_warm_up_is_counted_in_epochs() -> None:
    recipe = load_recipe("paper-vicreg")
    assert recipe.lr(settings(recipe.values)) == pytest.approx(0.2 * 1024 / 256)
    assert recipe.lr(settings(recipe.values, batch=128)) == pytest.approx(0.1)
    for epochs, share in ((1000, 0.01), (100, 0.1), (20, 0.5), (5, 0.5)):
        run = settings(recipe.values, epochs=epochs, snapshots=(epochs,))
        assert recipe.warmup(run) == pytest.approx(share)


def test_the_small_recipe_of_simclr_is_the_demos_training() -> None:
    from dejavu_tui.workflows.demo import RECIPE

    recipe = load_recipe("small-simclr")
    run = settings(recipe.values)
    usual = RunSettings(method=RECIPE.method, epochs=RECIPE.epochs, snapshots=(RECIPE.epochs,))
    assert (run.method, run.epochs, run.augment.scale_max) == (RECIPE.method, RECIPE.epochs, 0.4)
    assert RECIPE.settings == ("scale_max=0.4",)
    assert recipe.lr(run) == usual.lr
    assert recipe.warmup(run) == usual.warmup
    same = ("arch", "optimizer", "lr_end", "weight_decay", "projector", "input_size", "mean", "std")
    assert [getattr(run, key) for key in same] == [getattr(usual, key) for key in same]


def test_an_unknown_recipe_names_the_nearest() -> None:
    with pytest.raises(
        RequestError, match=r"unknown recipe 'paper-vicregg'; did you mean 'paper-vicreg'"
    ) as caught:
        load_recipe("paper-vicregg")
    assert caught.value.exit_code == 2


def test_they_are_known_without_torch() -> None:
    code = (
        "import sys; from dejavu_tui.encoders.recipes import load_recipe, recipe_names;"
        "[load_recipe(name) for name in recipe_names()];"
        "sys.exit(', '.join({'torch', 'timm', 'lightly', 'torchvision', 'numpy'} & sys.modules.keys()) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
