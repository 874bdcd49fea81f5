"""Which attacked images are meant and in which order, for the commands and the screens alike."""
