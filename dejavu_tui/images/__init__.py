"""Images, labels and boxes of a source folder; background crops; the one preprocessing."""
