"""Kinds of learners, one idea each; the methods say which, with what loss and what numbers."""
