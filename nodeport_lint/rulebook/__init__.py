"""Rule pages: read, chosen for a run, and their examples run."""
