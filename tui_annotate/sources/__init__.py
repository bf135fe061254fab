"""Readers of sources, one format a file."""
