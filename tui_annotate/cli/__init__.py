"""Floor 7: the commands. The only place, with `api`, that wires the floors together."""
