"""Text on a terminal: safe to show, cut into graphemes, measured in cells, wrapped into rows."""
