"""The background crops of a split: what they need, and the crop of every image or the reason why it has none."""

from collections import Counter

import polars as pl

from dejavu_tui.config import AuditSettings
from dejavu_tui.errors import AnnotationError, RequestError
from dejavu_tui.images.boxes import Box
from dejavu_tui.images.catalogue import Catalogue
from dejavu_tui.images.crops import find_crop
from dejavu_tui.images.listing import Listing
from dejavu_tui.tables import CROPS
from dejavu_tui.text import safe_text

NO_LABEL = "no label"
"""Why such an image is not attacked."""
_ATTACKED = ("A", "B", "E")


def check_crops(listing: Listing, *, settings: AuditSettings) -> None:
    """Raise RequestError if the crops that are asked for need what the images do not come with."""
    if listing.images.is_empty():
        return
    where = safe_text(str(listing.annotations or listing.root))
    if settings.crop == "given" and not listing.gives_crops:
        fix = "give a manifest that has them with --annotations, or use another --crop"
        raise RequestError("no image comes with a crop, which --crop given needs", where=where, fix=fix)
    if settings.crop != "given" and listing.gives_crops:
        what = f"the images come with crops, and --crop {settings.crop} asks for others"
        raise RequestError(what, where=where, fix="use --crop given, or leave the crops out of the manifest")
    if settings.crop in ("largest", "stripes") and not listing.has_boxes:
        raise RequestError(
            f"no image has a bounding box, which --crop {settings.crop} needs",
            where=where,
            fix="give them with --annotations (VOC files as <class>/<id>.xml, or a file), or use --crop corner",
        )


def boxes_of(catalogue: Catalogue) -> dict[int, list[Box]]:
    """Return the boxes of each image that has any."""
    boxes: dict[int, list[Box]] = {}
    for image_id, *corners in catalogue.boxes.iter_rows():
        boxes.setdefault(image_id, []).append(Box(*corners))
    return boxes


def find_crops(catalogue: Catalogue, *, settings: AuditSettings) -> dict[int, Box | str]:
    """Return for each image its background crop, or the reason why it has none.

    Raises AnnotationError: a given crop does not lie in its image.
    """
    boxes = boxes_of(catalogue)
    given = {image_id: Box(*corners) for image_id, _, *corners in catalogue.given.drop_nulls("crop_x0").iter_rows()}
    found = {}
    columns = catalogue.images.select("image_id", "path", "label", "width", "height")
    for image_id, path, label, width, height in columns.iter_rows():
        crop = given.get(image_id)
        if crop is not None and not (0 <= crop.x0 < crop.x1 <= width and 0 <= crop.y0 < crop.y1 <= height):
            what = f"the crop given for it does not lie in its {width}x{height} pixels"
            raise AnnotationError(what, where=safe_text(path), fix="correct it in the manifest")
        cut = find_crop(settings, boxes.get(image_id, []), width=width, height=height, given=crop)
        found[image_id] = NO_LABEL if label is None else cut
    return found


def check_attackable(found: dict[int, Box | str], *, settings: AuditSettings) -> None:
    """Raise RequestError, with the most frequent reason, if none of the crops that were looked for was `found`."""
    reasons = Counter(reason for reason in found.values() if isinstance(reason, str))
    if reasons.total() < len(found):
        return
    reason, count = reasons.most_common(1)[0]
    raise RequestError(
        f"no image can be attacked (--crop {settings.crop}; {count} of {len(found)}: {reason})",
        fix="lower --min-side, use another --crop, or give boxes with --annotations",
    )


def crops_table(found: dict[int, Box | str], *, parts: pl.DataFrame) -> pl.DataFrame:
    """Return what was `found` of the images that `parts` (table PARTS) could attack, as table CROPS."""
    rows: list[tuple[int | str | None, ...]] = []
    for image_id in parts.filter(pl.col("part").is_in(_ATTACKED))["image_id"]:
        crop = found[image_id]
        if isinstance(crop, Box):
            rows.append((image_id, crop.x0, crop.y0, crop.x1, crop.y1, None))
        else:
            rows.append((image_id, None, None, None, None, crop))
    return CROPS.check(pl.DataFrame(rows, CROPS.schema, orient="row"))
