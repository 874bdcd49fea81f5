"""Pictures on the way to the terminal: decoded, scaled, drawn over, and what the terminal can show."""
