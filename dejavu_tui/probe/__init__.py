"""The linear probe: what a linear classifier reads off frozen backbone embeddings (METHOD 2.7)."""
