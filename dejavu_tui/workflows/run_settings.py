"""From what is typed to the settings of a run."""

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from dejavu_tui.config import AugmentSettings, RunSettings, Settings, nearest
from dejavu_tui.encoders.methods import load_method
from dejavu_tui.encoders.names import check_arch, check_input
from dejavu_tui.encoders.recipes import Recipe, load_recipe
from dejavu_tui.errors import RequestError, SettingsError
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.runs import SETTINGS_FILE, check_name
from dejavu_tui.workflows.trained import check_size, whole_size
from dejavu_tui.workspace import Audit

USUAL_ARCH, USUAL_EPOCHS = "convnet", 200
"""Where neither what is typed nor a recipe says."""
_SNAPSHOTS = 5
_FIRST_SHARE = 16
_OPTIONS = {
    "method": "--method",
    "arch": "--arch",
    "epochs": "--epochs",
    "snapshots": "--snapshots",
    "train_size": "--size",
}
"""Settings that are typed with an option of their own."""
_NOT_SET = (*_OPTIONS, "schema_version", "augment", "options")


def prepare(
    audit: Audit,
    *,
    method: str | None = None,
    recipe: str | None = None,
    arch: str | None = None,
    epochs: int | None = None,
    snapshots: Sequence[int] | None = None,
    run: str | None = None,
    size: int | None = None,
    assignments: Sequence[str] = (),
) -> tuple[str, RunSettings]:
    """Return the name of the run meant and its settings; nothing is written.

    What is typed stands above the recipe, and that above the defaults. `snapshots`: epochs to keep, the last epoch
    always is one (None: `default_snapshots`). `size`: images of each of A and B to train on; None, or as many as
    there are: all. `assignments`: texts `KEY=VALUE`; keys are those of RunSettings, of AugmentSettings and of the
    method's options.

    Raises RequestError: an unknown name or key (naming the nearest), a value out of range, neither method nor
    recipe, images of a size that the network does not take, more images than A holds. SettingsError: the run was
    trained with other settings.
    """
    below = None if recipe is None else load_recipe(recipe)
    basis = {} if below is None else dict(below.values)
    method = _method(method, recipe=recipe, of_recipe=basis.get("method"))
    arch = check_arch(arch or basis.get("arch", USUAL_ARCH))
    epochs = basis.get("epochs", USUAL_EPOCHS) if epochs is None else epochs
    check_size(audit, size)
    if snapshots is not None and max(snapshots, default=0) > epochs:
        fix = "leave it away, or train longer with --epochs"
        raise RequestError(f"epoch {max(snapshots)} is after the last, {epochs}", where="--snapshots", fix=fix)
    typed = _typed(assignments, options=load_method(method).Options)
    values = {
        **basis,
        **typed[""],
        "method": method,
        "arch": arch,
        "epochs": epochs,
        "snapshots": default_snapshots(epochs) if snapshots is None else tuple(sorted({*snapshots, epochs})),
        "train_size": None if size is None or size == whole_size(audit) else size,
        "augment": basis.get("augment", {}) | typed["augment"],
        "options": basis.get("options", {}) | typed["options"],
    }
    settings = _checked(values)
    if below is not None:
        settings = _checked({**values, **_rates(below, settings, typed=typed[""])})
    small = settings.augment.small_size if settings.augment.small_views else None
    check_input(arch, stem=settings.stem, size=settings.input_size, small=small)
    usual = f"{method}-{arch}" if settings.train_size is None else f"{method}-{arch}-{settings.train_size}"
    name = usual if run is None else run
    check_name(name)
    refuse_other_settings(audit, name, settings)
    return name, settings


def again(audit: Audit, run: str, *, devices: int | None = None) -> RunSettings:
    """Return the settings of `run`, which goes on as it began; `devices`: processes that train an encoder, if told.

    Raises SettingsError: they are damaged, say another number of processes, or the run was not trained here.
    """
    folder = audit.run_folder(run)
    if not (folder / SETTINGS_FILE).exists():
        raise _imported(audit, run)
    settings = RunSettings.load(folder / SETTINGS_FILE)
    refuse_other_settings(audit, run, settings.model_copy(update={} if devices is None else {"devices": devices}))
    return settings


def default_snapshots(epochs: int) -> tuple[int, ...]:
    """Return five epochs, even on a log scale from a sixteenth of all to the last (fewer if there are fewer)."""
    steps = [_FIRST_SHARE ** (place / (_SNAPSHOTS - 1) - 1) for place in range(_SNAPSHOTS)]
    return tuple(sorted({max(1, round(epochs * share)) for share in steps}))


def _method(typed: str | None, *, recipe: str | None, of_recipe: str | None) -> str:
    """Return the method that is meant. Raises RequestError: none is, or two."""
    if typed is None and of_recipe is None:
        fix = "say which with --method, or --recipe; a run that began goes on with --run alone"
        raise RequestError("no method is named", where="dejavu train", fix=fix)
    if typed is not None and of_recipe is not None and typed != of_recipe:
        load_method(typed)
        raise RequestError(
            f"the recipe {recipe} is one of {of_recipe}", where=f"--method {typed}", fix="leave one of them away"
        )
    return typed or of_recipe or ""


def _typed(assignments: Sequence[str], *, options: type[Settings]) -> dict[str, dict[str, Any]]:
    """Return what is typed, by group: "" the run, `augment`, `options`."""
    known = {
        "": [key for key in RunSettings.model_fields if key not in _NOT_SET],
        "augment": list(AugmentSettings.model_fields),
        "options": list(options.model_fields),
    }
    groups: dict[str, dict[str, Any]] = {group: {} for group in known}
    for text in assignments:
        group, key, value = _assignment(text, known=known)
        groups[group][key] = value
    return groups


def _rates(recipe: Recipe, settings: RunSettings, *, typed: Mapping[str, Any]) -> dict[str, float]:
    """Return what follows from the recipe for the batch and the epochs of `settings`, where it is not typed."""
    derived = {"lr": recipe.lr(settings), "warmup": recipe.warmup(settings)}
    return {key: value for key, value in derived.items() if key not in typed}


def _checked(values: Mapping[str, Any]) -> RunSettings:
    """Return the settings, the method's options completed. Raises RequestError."""
    try:
        options = load_method(values["method"]).Options.parse(values["options"], where="--set").model_dump()
        return RunSettings.parse({**values, "options": options}, where="--set")
    except SettingsError as error:
        raise RequestError(error.what, where="dejavu train", fix=error.fix) from None


def _assignment(text: str, *, known: Mapping[str, list[str]]) -> tuple[str, str, Any]:
    """Return group, key and value of `KEY=VALUE`; the value is read as TOML, or else is the text itself."""
    typed, equals, raw = text.partition("=")
    if not equals:
        raise RequestError(
            f"'{safe_text(text, limit=80)}' is no KEY=VALUE", where="--set", fix="write e.g. --set lr=0.001"
        )
    prefix, _, leaf = typed.rpartition(".")
    for group, keys in known.items():
        if leaf in keys and prefix in ("", group):
            return group, leaf, _value(raw)
    if typed in _OPTIONS:
        raise RequestError(f"'{typed}' has its own option", where="--set", fix=f"use {_OPTIONS[typed]}")
    all_keys = [*_OPTIONS, *(key for keys in known.values() for key in keys)]
    raise RequestError(
        f"unknown setting '{safe_text(typed, limit=80)}'", where="--set", fix=nearest(leaf, all_keys)
    )


def _value(raw: str) -> Any:
    try:
        return tomllib.loads(f"value = {raw}")["value"]
    except tomllib.TOMLDecodeError:
        return raw


def refuse_other_settings(audit: Audit, name: str, settings: RunSettings) -> None:
    """Raise SettingsError if the run `name` is there and is not one of `settings`.

    A folder without settings and without exports is what a start that failed leaves, and no run.
    """
    path = audit.run_folder(name) / SETTINGS_FILE
    if path.is_file():
        there = RunSettings.load(path)
        differences = there.differences(settings)
        if differences:
            longer = " (a rate that has fallen to its end cannot go on: longer is anew)"
            raise SettingsError(
                f"the run '{name}' has other settings ({'; '.join(differences)})",
                where=path,
                fix=f"choose another name with --run{longer if settings.epochs > there.epochs else ''}, or type no "
                "setting at all to go on with it",
            )
    elif (audit.run_folder(name) / "onnx").exists():
        raise _imported(audit, name)


def _imported(audit: Audit, name: str) -> SettingsError:
    return SettingsError(
        f"the run '{name}' was not trained here",
        where=audit.run_folder(name),
        fix="choose another name with --run",
    )
