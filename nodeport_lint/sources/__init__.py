"""Readers, one for each kind of unit: units in, documents and problems out."""
