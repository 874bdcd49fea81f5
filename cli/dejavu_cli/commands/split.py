"""`dejavu split`: makes the audit folder."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dejavu_tui.splits.summary import Summary
    from dejavu_tui.workflows.split import Plan


_CLASSES = 20
"""Of which the images in each part are counted, where they are not equally many."""


class CropRule(StrEnum):
    """How the background crop is found."""

    LARGEST = "largest"
    STRIPES = "stripes"
    CORNER = "corner"
    GIVEN = "given"


class CornerName(StrEnum):
    """Which corner `--crop corner` takes."""

    LOWER_LEFT = "lower-left"
    LOWER_RIGHT = "lower-right"
    UPPER_LEFT = "upper-left"
    UPPER_RIGHT = "upper-right"


class Check(StrEnum):
    """What of an image is looked at."""

    PIXELS = "pixels"
    HEADERS = "headers"


class Copies(StrEnum):
    """What images of the same bytes or the same picture do."""

    REFUSE = "refuse"
    DROP = "drop"
    KEEP = "keep"


class OnBad(StrEnum):
    """What a bad file does."""

    REFUSE = "refuse"
    SKIP = "skip"


def split(
    images: Annotated[
        Path,
        typer.Argument(
            help="Folder of images: one folder for each class, or described by a COCO instances file or a manifest "
            "(CSV, JSON lines or Parquet); or that file, in the folder of its images."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="AUDIT", help="Audit folder to make. Default: <IMAGES name>-audit, in this folder."),
    ] = None,
    annotations: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Folder of VOC XML files, <class>/<id>.xml; a COCO instances file; a manifest; or the folder of "
            "the paper's index files (bbox_A.npy, ...). Default: Annotation/, annotations/instances_*.json or "
            "manifest.* in or beside IMAGES.",
        ),
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="coco, imagefolder, manifest or partition. Default: what is recognised."),
    ] = None,
    crop: Annotated[
        CropRule | None,
        typer.Option(
            help="Background crop: the largest rectangle outside all boxes, the authors' vertical stripes, "
            "a corner (needs no boxes), or as the manifest gives it. Default: largest."
        ),
    ] = None,
    corner: Annotated[CornerName | None, typer.Option(help="For --crop corner. Default: lower-left.")] = None,
    fraction: Annotated[
        float | None, typer.Option(metavar="F", help="Share of each side that a corner keeps. Default: 0.3.")
    ] = None,
    min_side: Annotated[
        str | None,
        typer.Option(
            metavar="PX|P%",
            help="Least shorter side of a crop, in pixels or of the image's shorter side; for stripes it must be "
            "more. Default: 20%; stripes: 100; corner and given: 1.",
        ),
    ] = None,
    per_class: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Images of each class that are attacked in A, and as many in B. Of a class's images without a "
            "crop the same share, rounded down, goes to A and to B: trained on, never attacked. "
            "Default: a fifth of the smallest class.",
        ),
    ] = None,
    sizes: Annotated[
        str | None,
        typer.Option(
            metavar="N,N,...",
            help="Sizes of training sets, rising, that `train --size` is to use: images of A, and as many of B. "
            "Without --per-class, A and B become large enough for the last. Default: none.",
        ),
    ] = None,
    shared: Annotated[
        int | None, typer.Option(metavar="N", help="Images of each class that both encoders train on. Default: 0.")
    ] = None,
    external: Annotated[
        int | None,
        typer.Option(metavar="N", help="Images of each class in the external control E. Default: 0."),
    ] = None,
    validation: Annotated[
        int | None, typer.Option(metavar="N", help="Images of each class in the validation set V. Default: 0.")
    ] = None,
    balance_public: Annotated[
        bool | None, typer.Option("--balance-public", help="Give X equally many images of each class.")
    ] = None,
    k: Annotated[int | None, typer.Option("--k", help="Neighbours that vote, by default. Default: 100.")] = None,
    on_bad: Annotated[
        OnBad | None,
        typer.Option(help="An image or XML that cannot be used ends the split, or is left out. Default: refuse."),
    ] = None,
    copies: Annotated[
        Copies | None,
        typer.Option(
            help="Images of the same bytes or the same picture, saved anew or in another size, end the split, or "
            "the first is kept, or all: then they may be in several parts. Default: refuse."
        ),
    ] = None,
    check: Annotated[
        Check | None,
        typer.Option(
            help="Decode every image, or look at its header and its end alone: faster, but pictures "
            "are not compared, and damaged pixels are found when they are embedded. Default: pixels."
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Decides who goes where. Default: 0.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report the counts; write nothing.")] = False,
) -> None:
    """Make an audit folder: read images, labels and boxes, choose A, B and X, find every background crop.

    A file split.toml in IMAGES may set other defaults (same names, with _); an option goes before it.
    """
    from dejavu_cli.diagnostics import graceful
    from dejavu_cli.numbers import least_side, whole_numbers
    from dejavu_cli.output import note, talk
    from dejavu_tui.text import safe_text
    from dejavu_tui.workflows.split import check_place, placed, plan, reading_folder, settings_for, write

    images, annotations = placed(images, annotations)
    settings = settings_for(
        images,
        annotations=None if annotations is None else str(annotations),
        layout=layout,
        crop=crop and crop.value,
        corner=corner and corner.value,
        fraction=fraction,
        min_side=None if min_side is None else least_side(min_side),
        per_class=per_class,
        sizes=None if sizes is None else whole_numbers(sizes, option="--sizes"),
        shared=shared,
        external=external,
        validation=validation,
        balance_public=balance_public,
        k=k,
        on_bad=on_bad and on_bad.value,
        copies=copies and copies.value,
        check=check and check.value,
        seed=seed,
    )
    audit_root = out or Path(f"{images.resolve().name}-audit")
    if not dry_run:
        check_place(audit_root, source=images, settings=settings)
    with graceful() as stop, talk() as progress:
        kept = None if dry_run else reading_folder(audit_root.resolve())
        planned = plan(images, settings, kept=kept, progress=progress, stop=stop)
    if not dry_run:
        write(planned, audit_root)
    note(f"layout: {settings.layout}")
    if planned.annotations is not None:
        note(f"annotations: {safe_text(str(planned.annotations))}")
    summary = planned.summary()
    _report(summary)
    _caution(summary, crop=settings.crop, k=settings.k)
    gain = planned.gain()
    if gain is not None and gain.larger:
        note(
            f"the largest crop is larger than that of stripes in {gain.larger / gain.images:.0%} of {gain.images}"
            f" images, by {gain.median:.0%} in the median"
        )
    if planned.no_area:
        note(f"boxes that cover no pixel, left out: {planned.no_area}")
    _report_copies(planned)
    if planned.catalogue.clipped:
        note(f"boxes that reach outside their image, clipped to it: {planned.catalogue.clipped}")
    for size, attacked in planned.attacked_at():
        note(f"  size  {size} images each of A and B, {attacked} attacked")
    if dry_run:
        _report_needs(planned)
    note("nothing written (--dry-run)" if dry_run else f"audit folder: {audit_root}")


def _report_classes(summary: "Summary") -> None:
    from dejavu_cli.output import note
    from dejavu_tui.text import safe_text

    for name, counts in summary.by_class[:_CLASSES]:
        told = ", ".join(f"{row.part} {count}" for row, count in zip(summary.parts, counts, strict=True))
        note(f"  class {safe_text(name, limit=30)}: {told}")
    more = len(summary.by_class) - _CLASSES
    if more > 0:
        note(f"  and {more} more classes")


def _caution(summary: "Summary", *, crop: str, k: int) -> None:
    from dejavu_cli.output import note

    least = next(row.class_min for row in summary.parts if row.part == "X")
    if len(summary.by_class) == 1:
        note("caution: all images are of one class, so none can be inferred; is IMAGES the folder of the classes?")
    if least < k:
        note(f"caution: k = {k} neighbours vote, and X has {least} images of its smallest class (--k)")
    if summary.strangers:
        note(f"caution: {summary.strangers} attacked images are of classes that X has no image of")
    if crop == "corner":
        note("caution: a corner may show the object; look at some with `dejavu crops`")


def _report_copies(planned: "Plan") -> None:
    from dejavu_cli.output import note

    catalogue = planned.catalogue
    if not catalogue.copies.is_empty():
        note(f"images with the bytes or the picture of another, kept: {catalogue.copies.height}")
    if planned.settings.check == "headers":
        note("pictures were not compared (--check headers): only files of the same bytes are known to be copies")
    elif catalogue.compared < catalogue.images.height:
        note(f"images too plain to compare their pictures: {catalogue.images.height - catalogue.compared}")


def _report_needs(planned: "Plan") -> None:
    from dejavu_cli.output import note
    from dejavu_tui.workflows.split_needs import NUMBERS, needs_of

    needs = needs_of(planned)
    layer = f"a layer of {NUMBERS} numbers"
    note(f"disk: {_size(needs.tables)} of tables; {_size(needs.embeddings)} for each snapshot and {layer}, A and B")
    note(f"memory: X under one encoder {_size(needs.public)} for {layer}, and 1 GB while neighbours are searched")


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _report(summary: "Summary") -> None:
    from dejavu_cli.output import note

    note(f"classes: {len(summary.by_class)}")
    for row in summary.parts:
        sizes = f"{row.class_min}" if row.class_min == row.class_max else f"{row.class_min} to {row.class_max}"
        unlabelled = f" and {row.unlabelled} without a label" if row.unlabelled else ""
        attacked = f"; {row.attacked} of them attacked" if row.attacked else ""
        note(f"{row.part:>6}  {row.images} images, {sizes} of each class{unlabelled}{attacked}")
    if any(row.class_min < row.class_max for row in summary.parts):
        _report_classes(summary)
    for reason, count in summary.unattacked:
        note(f"trained on, not attacked: {count} ({reason})")
    for reason, count in summary.dropped:
        note(f"dropped: {count} ({reason})")
    if summary.ignored:
        note(f"other files, not looked at: {summary.ignored}")
