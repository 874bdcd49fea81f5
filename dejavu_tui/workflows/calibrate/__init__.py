"""The instrument proves itself: planted truths through the real path, expected against measured."""
