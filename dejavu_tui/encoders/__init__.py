"""Networks and their training; the only room beside the decoder that knows torch."""
