"""Encoders that were trained elsewhere, read out of files that nobody vouches for."""
