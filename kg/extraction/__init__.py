"""Extractors: item and vectors -> attributes with evidence."""
