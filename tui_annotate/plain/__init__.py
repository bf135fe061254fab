"""Floor 6: the plain face, one line read and a few lines said at a time."""
