"""The span editor: its state, commands and what they work on. Knows no screen."""
