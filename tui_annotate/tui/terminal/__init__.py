"""The terminal below Textual: its modes, signals, questions, and what happens when it breaks."""
