"""An audit made again with other names, other parts or other encoders in the same places."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from dejavu_tui.artefacts import publish, sha256_file, sha256_json
from dejavu_tui.embeddings.card import read_card
from dejavu_tui.records import EncoderId, Trainer
from dejavu_tui.tables import BOXES, CROPS, DROPPED, HASHES, IMAGES, PARTS
from dejavu_tui.workflows.export import ONNX, ONNX_FILE
from dejavu_tui.workflows.split import SOURCE_FILES
from dejavu_tui.workspace import SETTINGS_FILE, Audit

AS_THEY_ARE: Mapping[Trainer, Trainer] = {"A": "A", "B": "B"}
EXCHANGED: Mapping[Trainer, Trainer] = {"A": "B", "B": "A"}


def remade(
    audit: Audit,
    folder: Path,
    *,
    renamed: Callable[[str], str] = str,
    places: Mapping[Trainer, Trainer] = AS_THEY_ARE,
    encoders: Mapping[Trainer, Trainer] = AS_THEY_ARE,
    **settings: Any,
) -> Audit:
    """Return `audit` again in `folder`, nothing measured in it yet.

    Each image has its new name, `<class>/<file>`, and so perhaps another image_id and label; it stays in its part,
    but for A and B, which move to `places`. The encoder of each trainer becomes that of `encoders`. `settings`
    replaces settings of the audit.
    """
    source = folder / "images"
    moved = {path: renamed(path) for path in audit.images["path"]}
    assert sorted(moved.values(), key=str.encode) == sorted(set(moved.values()), key=str.encode)
    for old, new in moved.items():
        (source / new).parent.mkdir(parents=True, exist_ok=True)
        (source / new).write_bytes((audit.source / old).read_bytes())
    ids = {path: number for number, path in enumerate(sorted(moved.values(), key=str.encode))}
    classes = {name: label for label, name in enumerate(sorted({_class(path) for path in ids}, key=str.encode))}
    new_id = {image_id: ids[moved[path]] for image_id, path in audit.images.select("image_id", "path").iter_rows()}
    images = audit.images.with_columns(
        image_id=pl.col("image_id").replace_strict(new_id),
        path=pl.col("path").replace_strict(moved),
    ).sort("image_id")
    names = pl.Series([_class(path) for path in images["path"]])
    images = images.with_columns(label=names.replace_strict(classes, return_dtype=pl.Int64), label_name=names)
    tables = {
        IMAGES: images,
        BOXES: _with_ids(audit.boxes, new_id),
        PARTS: _with_ids(audit.parts, new_id).with_columns(pl.col("part").replace(places)),
        CROPS: _with_ids(audit.crops, new_id),
        DROPPED: audit.dropped,
        HASHES: _with_ids(audit.hashes, new_id),
    }
    asked = audit.settings.model_copy(update={"source": str(source), **settings})
    files = [(path, sha256_file(source / path)) for path in images["path"]]
    identity = {"settings": asked.model_dump(mode="json"), SOURCE_FILES: sha256_json(files)}
    with publish(folder / "audit", kind="split", identity=identity) as draft:
        draft.editable = frozenset({SETTINGS_FILE})
        (draft.folder / SETTINGS_FILE).write_text(asked.to_toml(), encoding="utf-8")
        for table, frame in tables.items():
            table.write(frame, draft.folder / f"{table.name}.parquet")
    again = Audit(folder / "audit")
    _copy_encoders(audit, again, encoders)
    return again


def _copy_encoders(audit: Audit, again: Audit, encoders: Mapping[Trainer, Trainer]) -> None:
    for path in sorted((audit.root / "encoders").glob(f"*/onnx/*/{ONNX_FILE}")):
        card = read_card(path)
        run, (trained_on, epoch) = path.parents[2].name, path.parent.name.split("-")
        for trainer in [new for new, old in encoders.items() if old == trained_on]:
            encoder = EncoderId(run, trainer, int(epoch))
            with publish(again.onnx_folder(encoder), kind=ONNX, identity={"again": encoder.folder}) as draft:
                (draft.folder / ONNX_FILE).write_bytes(path.read_bytes())
                text = card.model_copy(update={"trained_on": trainer}).model_dump_json(by_alias=True)
                (draft.folder / ONNX_FILE).with_suffix(".json").write_text(text, encoding="utf-8")


def _with_ids(frame: pl.DataFrame, new_id: Mapping[int, int]) -> pl.DataFrame:
    return frame.with_columns(pl.col("image_id").replace_strict(new_id)).sort("image_id")


def _class(path: str) -> str:
    return path.split("/")[0]
