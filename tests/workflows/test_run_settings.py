import json
import tomllib
from pathlib import Path

import pytest

from dejavu_tui.config import AugmentSettings, RunSettings
from dejavu_tui.encoders.methods import load_method, method_names
from dejavu_tui.encoders.recipes import recipe_names
from dejavu_tui.errors import RequestError, SettingsError
from dejavu_tui.workflows.run_settings import default_snapshots, prepare
from dejavu_tui.workspace import Audit
from tests.workflows.trainings import small_audit


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    return Audit(tmp_path)


@pytest.mark.parametrize(
    ("epochs", "expected"),
    [(800, (50, 100, 200, 400, 800)), (200, (12, 25, 50, 100, 200)), (4, (1, 2, 4)), (1, (1,))],
)
def test_default_snapshots_are_even_on_a_log_scale(epochs: int, expected: tuple[int, ...]) -> None:
    assert default_snapshots(epochs) == expected


@pytest.mark.parametrize("epochs", range(1, 300))
def test_default_snapshots_rise_to_the_last_epoch(epochs: int) -> None:
    snapshots = default_snapshots(epochs)
    assert list(snapshots) == sorted(set(snapshots))
    assert snapshots[0] >= 1
    assert snapshots[-1] == epochs
    assert len(snapshots) <= 5


def test_every_setting_can_be_set_and_options_are_completed(audit: Audit) -> None:
    name, settings = prepare(
        audit,
        method="simclr",
        epochs=10,
        snapshots=(5, 2),
        assignments=("lr=1e-3", "projector=64-32", "augment.scale_max=0.4", "flip=0", "temperature=0.2", "seed=3"),
    )
    assert name == "simclr-convnet"
    assert settings.snapshots == (2, 5, 10)
    assert (settings.lr, settings.projector, settings.seed) == (1e-3, "64-32", 3)
    assert (settings.augment.scale_max, settings.augment.flip) == (0.4, 0)
    assert settings.options == {"temperature": 0.2}
    _, other = prepare(audit, method="vicreg", epochs=10, assignments=("options.covariance=2",))
    assert other.options == {"invariance": 25.0, "variance": 25.0, "covariance": 2.0}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "simcrl"}, "did you mean 'simclr'"),
        ({"arch": "resnet-50"}, "did you mean 'resnet50'"),
        ({"assignments": ("temprature=1",)}, "unknown setting 'temprature'; did you mean 'temperature'"),
        ({"assignments": ("augment.lr=1",)}, "unknown setting 'augment.lr'"),
        ({"assignments": ("covariance=1",)}, "unknown setting 'covariance'"),
        ({"assignments": ("lr",)}, "no KEY=VALUE"),
        ({"assignments": ("options.lr=1",)}, "unknown setting 'options.lr'"),
        ({"method": None}, "no method is named.*--method, or --recipe"),
        ({"method": None, "recipe": "paper-vicregs"}, "did you mean 'paper-vicreg'"),
        ({"recipe": "paper-vicreg"}, "the recipe paper-vicreg is one of vicreg"),
        ({"method": "simcrl", "recipe": "paper-vicreg"}, "did you mean 'simclr'"),
        ({"recipe": "paper-simclr", "assignments": ("batch=many",)}, "batch"),
        ({"recipe": "paper-simclr", "epochs": 0}, "epochs"),
        ({"arch": "vgg11_bn", "assignments": ("input_size=16",)}, "takes no images of 16 pixels"),
        ({"arch": "vit-tiny", "assignments": ("input_size=40",)}, "input_size=32 or 48, or stem=small"),
        (
            {"arch": "vit-tiny", "assignments": ("stem=small", "small_views=2", "small_size=18")},
            "takes no images of 18 pixels",
        ),
        ({"assignments": ("stem=tiny",)}, "stem"),
        ({"assignments": ("optimizer=lars", "weight_decay=0")}, "weight_decay must be above 0"),
        ({"assignments": ("lr=-1",)}, "lr"),
        ({"assignments": ("lr=fast",)}, "lr"),
        ({"assignments": ("temperature=0",)}, "temperature"),
        ({"assignments": ("scale_min=0.5", "scale_max=0.4")}, "scale_min is larger"),
        ({"assignments": ("epochs=3",)}, "use --epochs"),
        ({"assignments": ("train_size=3",)}, "use --size"),
        ({"epochs": 0}, "epochs"),
        ({"snapshots": (0,)}, "snapshots"),
        ({"snapshots": (11,)}, "last"),
        ({"run": "../x"}, "cannot be called"),
        ({"run": "x\n"}, "cannot be called"),
    ],
)
def test_what_was_typed_wrongly_is_named(audit: Audit, changes: dict[str, object], message: str) -> None:
    with pytest.raises(RequestError, match=message) as caught:
        prepare(audit, **({"method": "simclr", "epochs": 10} | changes))  # type: ignore[arg-type]
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)
    assert list(audit.root.iterdir()) == []


def test_what_is_typed_stands_above_the_recipe_and_that_above_the_defaults(audit: Audit) -> None:
    name, settings = prepare(audit, recipe="paper-vicreg")
    assert (name, settings.epochs, settings.snapshots) == ("vicreg-resnet50", 1000, (62, 125, 250, 500, 1000))
    assert (settings.batch, settings.optimizer, settings.weight_decay) == (1024, "lars", 1e-6)
    assert [settings.lr, settings.warmup] == pytest.approx([0.8, 0.01])
    assert (settings.augment.blur, settings.augment.solarize) == ((1.0, 0.0), (0.0, 0.2))
    assert (settings.seed, settings.threads) == (0, 1)
    changed = ("batch=512", "optimizer=sgd", "hue=0", "covariance=2")
    name, other = prepare(
        audit, method="vicreg", recipe="paper-vicreg", arch="resnet18", epochs=50, assignments=changed
    )
    assert (name, other.epochs, other.arch) == ("vicreg-resnet18", 50, "resnet18")
    assert [other.lr, other.warmup, other.batch] == pytest.approx([0.4, 0.2, 512])
    assert (other.optimizer, other.projector) == ("sgd", "8192-8192-8192")
    assert other.augment == settings.augment.model_copy(update={"hue": 0.0})
    assert other.options == {"invariance": 25.0, "variance": 25.0, "covariance": 2.0}


def test_a_learning_rate_that_is_typed_is_not_scaled(audit: Audit) -> None:
    _, settings = prepare(audit, recipe="paper-simclr", assignments=("lr=0.05", "warmup=0.3"))
    assert (settings.lr, settings.warmup) == (0.05, 0.3)


def test_a_run_of_a_recipe_is_the_run_of_its_values_and_goes_on_by_either(audit: Audit) -> None:
    name, settings = prepare(audit, recipe="small-simclr")
    audit.run_folder(name).mkdir(parents=True)
    (audit.run_folder(name) / "settings.toml").write_text(settings.to_toml())
    assert prepare(audit, recipe="small-simclr") == (name, settings)
    spelt = ("batch=256", "scale_max=0.4", "stem=small")
    assert prepare(audit, method="simclr", epochs=800, assignments=spelt) == (name, settings)
    with pytest.raises(SettingsError, match=r"batch: 256 here, 150 asked"):
        prepare(audit, method="simclr", epochs=800)


@pytest.mark.parametrize("method", method_names())
def test_a_key_without_its_group_means_one_setting(method: str) -> None:
    keys = [*RunSettings.model_fields, *AugmentSettings.model_fields, *load_method(method).Options.model_fields]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("recipe", recipe_names())
def test_every_recipe_makes_a_run_that_its_values_typed_make_too(audit: Audit, recipe: str) -> None:
    name, settings = prepare(audit, recipe=recipe)
    assert name == f"{settings.method}-{settings.arch}"
    assert RunSettings.parse(tomllib.loads(settings.to_toml()), where="again") == settings
    values = settings.model_dump(mode="json", exclude_none=True)
    own = {key: values.pop(key) for key in ("schema_version", "method", "arch", "epochs", "snapshots")}
    grouped = {f"augment.{key}": value for key, value in values.pop("augment").items()}
    grouped |= {f"options.{key}": value for key, value in values.pop("options").items()}
    typed = [f"{key}={json.dumps(value)}" for key, value in (values | grouped).items()]
    own.pop("schema_version")
    assert prepare(audit, **own, assignments=typed) == (name, settings)


def test_a_snapshot_after_the_last_epoch_is_refused(audit: Audit) -> None:
    with pytest.raises(RequestError, match="epoch 20 is after the last, 5"):
        prepare(audit, method="simclr", epochs=5, snapshots=(2, 20))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("lr=abc", "setting 'lr': 'abc' is no number"),
        ("lr=0", "setting 'lr': 0 is not above 0"),
        ("batch=1", "setting 'batch': 1 is less than 2"),
        ("batch=3.5", "setting 'batch': 3.5 is no whole number"),
        ("momentum=1", "setting 'momentum': 1 is not below 1"),
        ("hue=0.7", "setting 'augment.hue': 0.7 is more than 0.5"),
        ("optimizer=adam", "setting 'optimizer': 'adam' is not 'adamw', 'sgd' or 'lars'"),
        ("projector=8-x", "setting 'projector': '8-x' is not widths such as 2048-256"),
        ("temp=1", "unknown setting 'temp'; did you mean 'temperature'"),
    ],
)
def test_what_is_wrong_with_a_setting_is_told_in_words(audit: Audit, typed: str, told: str) -> None:
    with pytest.raises(RequestError) as caught:
        prepare(audit, method="simclr", epochs=5, assignments=(typed,))
    assert told in str(caught.value)


def test_a_longer_training_is_told_to_begin_anew(audit: Audit) -> None:
    name, settings = prepare(audit, method="simclr", epochs=10)
    audit.run_folder(name).mkdir(parents=True)
    (audit.run_folder(name) / "settings.toml").write_text(settings.to_toml())
    with pytest.raises(SettingsError, match="longer is anew"):
        prepare(audit, method="simclr", epochs=20)


def test_other_settings_under_a_used_name_are_refused_with_the_difference(audit: Audit) -> None:
    name, settings = prepare(audit, method="simclr", epochs=10)
    audit.run_folder(name).mkdir(parents=True)
    (audit.run_folder(name) / "settings.toml").write_text(settings.to_toml())
    assert prepare(audit, method="simclr", epochs=10) == (name, settings)
    with pytest.raises(SettingsError, match=r"lr: 0\.002 here, 0\.1 asked.*--run") as caught:
        prepare(audit, method="simclr", epochs=10, assignments=("lr=0.1",))
    assert caught.value.exit_code == 3
    assert prepare(audit, method="simclr", epochs=10, run="other", assignments=("lr=0.1",))[0] == "other"


def test_a_run_that_was_not_trained_here_is_not_trained_over(audit: Audit) -> None:
    (audit.run_folder("mine") / "onnx").mkdir(parents=True)
    with pytest.raises(SettingsError, match="not trained here"):
        prepare(audit, method="simclr", epochs=10, run="mine")


def test_a_start_that_failed_does_not_take_the_name(audit: Audit) -> None:
    audit.run_folder("mine").mkdir(parents=True)
    assert prepare(audit, method="simclr", epochs=10, run="mine")[0] == "mine"


def test_a_size_is_part_of_the_name_and_of_the_settings_unless_it_is_all(tmp_path: Path) -> None:
    audit = small_audit(tmp_path)  # A and B of 9 images each
    name, whole = prepare(audit, method="simclr", epochs=10)
    assert (name, whole.train_size) == ("simclr-convnet", None)
    assert prepare(audit, method="simclr", epochs=10, size=9) == (name, whole)
    some, settings = prepare(audit, method="simclr", epochs=10, size=6)
    assert (some, settings) == ("simclr-convnet-6", whole.model_copy(update={"train_size": 6}))
    assert prepare(audit, method="simclr", epochs=10, size=6, run="mine") == ("mine", settings)
    for size in (10, 1, 0):
        with pytest.raises(RequestError, match=f"set of {size} images: A and B hold 9 each"):
            prepare(audit, method="simclr", epochs=10, size=size)
    audit.run_folder(some).mkdir(parents=True)
    (audit.run_folder(some) / "settings.toml").write_text(settings.to_toml())
    assert prepare(audit, method="simclr", epochs=10, size=6) == (some, settings)
    with pytest.raises(SettingsError, match=r"train_size: 6 here, not set asked"):
        prepare(audit, method="simclr", epochs=10, run=some)
