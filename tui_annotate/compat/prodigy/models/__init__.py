"""`prodigy.models`."""
