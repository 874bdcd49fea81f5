"""Dataset layouts: one file each, found by its name."""
