"""Finds every node port that a repository asks for and the faults in them, before a deployment does."""

__version__ = "0.1.0"
