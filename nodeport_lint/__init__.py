"""Finds every node port that a repository asks for and the faults in them, before a deployment does."""

__version__ = "0.1.0"

HOME = "https://github.com/nodeport-lint/nodeport-lint"
"""Where the project is at home: SARIF names it, and hooks and workflows are fetched from it."""
