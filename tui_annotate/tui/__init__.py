"""Floor 6: the Textual face."""
