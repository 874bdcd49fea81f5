"""From hits and confidences to the numbers of METHOD section 2."""
