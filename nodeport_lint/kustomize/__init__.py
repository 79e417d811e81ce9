"""Kustomizations: what they refer to, how they are built, and where the values of what they give are written."""
