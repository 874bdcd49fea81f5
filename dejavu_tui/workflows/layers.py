"""Which layer is measured where none is named."""

from collections.abc import Sequence

LAYER = "projector"
"""The one that is measured, of encoders that have it."""


def usual_layer(layers: Sequence[str]) -> str:
    """Return the one of an encoder's `layers`, in the order of its card, that is measured where none is named.

    Encoders from elsewhere may have no projector: then it is their last, the one farthest from the image.
    """
    return layers[-1] if layers and LAYER not in layers else LAYER
