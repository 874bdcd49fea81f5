"""Trained encoders to ONNX, and the proof that the graph computes what the network computes."""
