"""Attributes learned from labelled examples: train once, a versioned artifact, spans as evidence.

The way of a text: tokens -> a fine-tuned token network and a CRF say where each attribute may
stand -> candidate spans -> a gradient-boosted ranker keeps the right ones. `training.train`
learns, `artifact` keeps, `model.LearnedModel` extracts, `extractor.LearnedExtractor` serves the
ingestion. Nothing here knows a data set: attributes, categories and lengths come from the file.
"""
