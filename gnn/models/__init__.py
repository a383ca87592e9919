"""Recommendation models, one file an idea."""
