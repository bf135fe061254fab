"""What an annotator changes, as plain state plus named commands; nothing here knows a screen."""
