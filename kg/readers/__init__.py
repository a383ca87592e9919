"""Catalogue readers: files -> items, users, interactions, reviews."""
