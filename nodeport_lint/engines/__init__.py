"""Engines that render: bounded processes inside a fence, what is kept of a render, and the objects in its output."""
