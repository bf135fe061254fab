"""Floor 0: what a task is - its shape, validation, hashes, spans and tokens. No I/O."""
