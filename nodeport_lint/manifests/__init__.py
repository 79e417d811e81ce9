"""Plain manifests: their objects, the Services among them, and numbers that wait in values and custom resources."""
