"""Encoders: text and pictures -> unit vectors."""

from kg.encoders.contract import Content, Encoder, FloatMatrix
from kg.encoders.load import EMBEDDED, FAMILIES, load_encoder

__all__ = ["EMBEDDED", "FAMILIES", "Content", "Encoder", "FloatMatrix", "load_encoder"]
