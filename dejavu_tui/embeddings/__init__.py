"""ONNX encoders run over pixels, and the store of what they gave."""
