"""Measurements beside peers; not in the wheel. ``python -m benchmarks`` runs them all."""
