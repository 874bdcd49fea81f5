"""The nearest images of X: exact search and the hnswlib index behind one Protocol."""
