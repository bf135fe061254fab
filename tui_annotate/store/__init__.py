"""Where answers live: one SQLite file, written through one gate."""
