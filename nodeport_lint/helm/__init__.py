"""Charts of the tree as inputs of an engine: what is read, what is left out, and what it lacks.

An engine never sees the tree itself: it gets a bundle, made here, without links, schemas and archives.
"""
