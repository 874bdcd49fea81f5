"""The split: images, labels and boxes into an audit folder with parts and background crops."""

import os
import shutil
from pathlib import Path

import polars as pl

from dejavu_tui.artefacts import publish, read_manifest, sha256_json
from dejavu_tui.config import AuditSettings
from dejavu_tui.errors import ArtefactError, ContentError, RequestError, SettingsError
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.catalogue import Catalogue, scan
from dejavu_tui.images.layouts import load_layout
from dejavu_tui.records import Progress, Stop, never, silent
from dejavu_tui.splits import nested
from dejavu_tui.splits import parts as splits
from dejavu_tui.splits.given import given_parts
from dejavu_tui.tables import DROPPED
from dejavu_tui.text import safe_text
from dejavu_tui.workflows.split_crops import NO_LABEL, check_attackable, check_crops, crops_table, find_crops
from dejavu_tui.workflows.split_plan import Plan
from dejavu_tui.workflows.split_settings import placed, settings_for, split_defaults
from dejavu_tui.workspace import SETTINGS_FILE, Audit

__all__ = ["Plan", "check_place", "placed", "plan", "reading_folder", "settings_for", "split_defaults", "write"]

SOURCE_FILES = "source_files"
"""Key in the identity of a split."""


def reading_folder(audit_root: Path) -> Path:
    """Return where is kept what was seen of the images, until the audit at `audit_root` is written."""
    return audit_root.with_name(f".{audit_root.name}.reading")


def plan(
    source: Path,
    settings: AuditSettings,
    *,
    kept: Path | None = None,
    progress: Progress = silent,
    stop: Stop = never,
) -> Plan:
    """Read the images at `source` and work out parts and crops; nothing is written but below `kept`, if it is given
    and there are many images: what was seen of them, so that a stop loses little of it.

    `settings.annotations` is a path like `source`, as typed; `write` puts both into the form of `audit.toml`.
    With `settings.sizes` and no `per_class`, A becomes large enough for the largest size.
    Raises RequestError: no folder, no images, no boxes where the crop needs them, no image that can be
    attacked, a class with too few images, a size larger than A, k larger than X. ImageError,
    AnnotationError: see `catalogue.scan`. StoppedError.
    """
    if kept is not None and kept.is_symlink():
        raise RequestError("is a link, where what was read is kept", where=_shown(kept), fix="remove it")
    source = source.resolve()
    layout = load_layout(settings.layout)
    typed = None if settings.annotations is None else Path(settings.annotations).resolve()
    if typed is not None and not typed.exists():
        raise RequestError("is not there", where=_shown(typed), fix="check --annotations")
    listing = layout.read(source, annotations=typed)
    if listing.images.is_empty() and not listing.refused:
        raise RequestError(
            "holds no images", where=safe_text(str(source)), fix="give a folder of class folders of images"
        )
    check_crops(listing, settings=settings)
    catalogue = scan(
        listing,
        on_bad=settings.on_bad,
        copies=settings.copies,
        drop_past_right=settings.crop == "stripes",
        pixels=settings.check == "pixels",
        kept=kept,
        progress=progress,
        stop=stop,
    )
    found = find_crops(catalogue, settings=settings)
    check_attackable(found, settings=settings)
    attackable = {image_id for image_id, crop in found.items() if isinstance(crop, Box)}
    if listing.gives_parts:
        parts = given_parts(catalogue.given, images=catalogue.images, attackable=attackable, settings=settings)
        if settings.sizes and not splits.are_equal(parts, images=catalogue.images, attackable=attackable):
            what = "A and B, as the images come, differ in their images of a class"
            raise RequestError(what, where="--sizes", fix="leave it out, or give parts that are alike")
        surplus = "in no part, as the images come"
    else:
        roomy = nested.with_room(settings, classes=catalogue.images["label"].drop_nulls().n_unique())
        parts = splits.assign(catalogue.images, attackable=attackable, settings=roomy)
        splits.check_equal(parts, images=catalogue.images, attackable=attackable)
        surplus = "surplus of its class in X (--balance-public)"
    nested.check_planned(settings.sizes, whole=parts.filter(part="A").height)
    distinct = None if settings.copies == "keep" else catalogue.hashes
    splits.check(parts, images=catalogue.images, hashes=distinct, attackable=attackable, k=settings.k)
    return Plan(
        source=source,
        annotations=listing.annotations,
        settings=settings,
        catalogue=catalogue,
        parts=parts,
        crops=crops_table(found, parts=parts),
        dropped=_with_surplus(catalogue, parts=parts, found=found, reason=surplus),
        ignored=listing.ignored,
        no_area=listing.no_area,
    )


def check_place(audit_root: Path, *, source: Path, settings: AuditSettings) -> None:
    """Refuse, before any image is read, a place where `write` would refuse the audit.

    Raises RequestError: it lies inside the images, or something stands there that is no audit. SettingsError: an
    audit of other settings stands there, with the differences.
    """
    root, images = audit_root.resolve(), source.resolve()
    if root == images or images in root.parents:
        raise RequestError("lies inside the folder of images", where=_shown(root), fix="choose another --out")
    if (root / SETTINGS_FILE).exists():
        same_place = {"source": Audit(root).settings.source, "annotations": Audit(root).settings.annotations}
        _refuse_other(Audit(root), settings.model_copy(update=same_place))
    elif root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise RequestError(
            "stands there already and is no audit folder", where=_shown(root), fix="choose another --out"
        )


def write(plan: Plan, audit_root: Path) -> Audit:
    """Make the audit folder of `plan`, private to the user, complete or not at all; the same one is reused.

    `source` and `annotations` are noted relative to the audit's parent folder if they lie below it, so that all
    can move together.
    Raises ArtefactError: an audit of other images stands there, or a damaged one. RequestError, SettingsError:
    see `check_place`.
    """
    check_place(audit_root, source=plan.source, settings=plan.settings)
    root = audit_root.resolve()
    settings = _placed(plan, parent=root.parent)
    if (root / SETTINGS_FILE).exists():
        _check_same(plan, Audit(root), settings=settings)
    else:
        _publish(plan, root, settings=settings)
    shutil.rmtree(reading_folder(root), ignore_errors=True)
    return Audit(root)


def _publish(plan: Plan, root: Path, *, settings: AuditSettings) -> None:
    libraries = ("numpy", "polars", "pillow")
    with publish(root, kind="split", identity=_identity(plan, settings), libraries=libraries) as draft:
        draft.editable = frozenset({SETTINGS_FILE})
        (draft.folder / SETTINGS_FILE).write_text(settings.to_toml(), encoding="utf-8")
        for table, frame in plan.tables().items():
            table.write(frame, draft.folder / f"{table.name}.parquet")
        draft.counts |= {row.part: row.images for row in plan.summary().parts}
        draft.counts |= {"images": plan.catalogue.images.height, "dropped": plan.dropped.height}
        draft.counts |= {"clipped": plan.catalogue.clipped, "copies": plan.catalogue.copies.height}
        draft.counts["no area"] = plan.no_area


def _refuse_other(audit: Audit, settings: AuditSettings) -> None:
    differences = audit.settings.differences(settings)
    if differences:
        raise SettingsError(
            f"an audit of other settings stands there ({safe_text('; '.join(differences))})",
            where=_shown(audit.root),
            fix="choose another --out",
        )


def _check_same(plan: Plan, audit: Audit, *, settings: AuditSettings) -> None:
    _refuse_other(audit, settings)
    manifest = read_manifest(audit.root, kind="split")
    same = all(frame.equals(getattr(audit, table.name)) for table, frame in plan.tables().items())
    if manifest is None or manifest.identity.get(SOURCE_FILES) != _source_files(plan) or not same:
        raise ArtefactError(
            "the images or boxes have changed since this audit was made",
            where=_shown(audit.root),
            fix="put them back, or choose another --out",
        )


def _identity(plan: Plan, settings: AuditSettings) -> dict[str, object]:
    return {"settings": settings.model_dump(mode="json"), SOURCE_FILES: _source_files(plan)}


def _source_files(plan: Plan) -> str:
    files = plan.catalogue.images.join(plan.catalogue.hashes, on="image_id").sort("image_id")
    return sha256_json([(path, sha256.hex()) for path, sha256 in files.select("path", "sha256").iter_rows()])


def _placed(plan: Plan, *, parent: Path) -> AuditSettings:
    def place(path: Path) -> str:
        text = os.fspath(path.relative_to(parent) if path.is_relative_to(parent) else path)
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ContentError("has a name that is not UTF-8", where=safe_text(text), fix="rename it") from None
        return text

    annotations = None if plan.annotations is None else place(plan.annotations)
    return plan.settings.model_copy(update={"source": place(plan.source), "annotations": annotations})


def _with_surplus(
    catalogue: Catalogue, *, parts: pl.DataFrame, found: dict[int, Box | str], reason: str
) -> pl.DataFrame:
    idle = catalogue.images.join(parts, on="image_id", how="anti").join(catalogue.given, on="image_id")
    rows = idle.select("image_id", "path", "part", "label").iter_rows()
    surplus = pl.DataFrame(
        [
            (path, found[image_id] if part == "E" else NO_LABEL if label is None else reason)
            for image_id, path, part, label in rows
        ],
        DROPPED.schema,
        orient="row",
    )
    return DROPPED.check(pl.concat([catalogue.dropped, surplus]))


def _shown(path: Path) -> str:
    return safe_text(str(path))
