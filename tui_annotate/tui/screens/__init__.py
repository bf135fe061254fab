"""Screens: the task at hand, and pages to read."""
