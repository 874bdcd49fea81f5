"""The two console scripts: `dejavu` and `dejavu-tui`."""
