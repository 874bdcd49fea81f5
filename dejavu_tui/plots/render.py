"""A Figure as the bytes of a PNG: drawn off screen, no global state, the same figure the same bytes."""

import io

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def png(figure: Figure) -> bytes:
    """Return `figure` as PNG, without date or machine in it."""
    buffer = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(buffer, format="png", metadata={"Software": "dejavu"})
    return buffer.getvalue()
