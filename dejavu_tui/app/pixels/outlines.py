"""What is drawn over the picture of an attacked image."""

from dejavu_tui.app.pixels.raster import BOX_COLOUR, CROP_COLOUR, Mark
from dejavu_tui.app.samples import Sample


def outlines(sample: Sample) -> tuple[Mark, ...]:
    """Return its boxes, dashed, and the crop that the encoders were shown, solid."""
    boxes = (Mark(box, BOX_COLOUR, dashed=True) for box in sample.boxes)
    return (*boxes, Mark(sample.crop, CROP_COLOUR, dashed=False))
