"""Measurements with goals: `python -m benchmarks.NAME` prints them and fails if one is missed."""
