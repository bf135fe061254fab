"""The public interface as scripts use it, held to its types by mypy; nothing here is run."""
