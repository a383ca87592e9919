"""Learning: dataset, features, models, evaluation, artifact, retrieval, explanation."""
