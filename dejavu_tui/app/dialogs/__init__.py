"""What opens over a screen: questions, and the help."""
