"""The real engines behind one protocol (``model.render.Engine``), each in a bounded child process."""
