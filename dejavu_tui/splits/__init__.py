"""Images and a seed into the parts A, B, shared, X, E and V."""
