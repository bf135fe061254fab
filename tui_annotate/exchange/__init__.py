"""Floor 4: answers on their way in and out, a file for each format."""
