"""How fast things are, beside their peers: ``python -m benchmarks`` (see README.md)."""
