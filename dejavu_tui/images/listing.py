"""What a layout finds in a source folder, before any file is opened."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """One image file: its path relative to the source folder (with /), its class, its annotation file if any."""

    path: str
    label_name: str
    annotation: Path | None


@dataclass(frozen=True)
class Listing:
    """All image files of a source folder, in byte order of their paths."""

    root: Path
    entries: tuple[Entry, ...]
    annotations: Path | None
    """Folder of the annotation files; None: there is none."""
    refused: tuple[tuple[str, str], ...] = ()
    """(path, reason) of what looks like an image and is not opened: links, pipes, images in no class."""
    ignored: int = 0
    """Number of other files: hidden ones and hidden folders, and those whose name ends like no image's."""
