"""Encoders: text and pictures -> unit vectors."""
