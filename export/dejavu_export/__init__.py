"""A trained encoder into an ONNX file and its card, if both compute the same."""
