"""Closed forms that stand beside the networks in every report, one file an idea.

``BASELINES`` maps a name to its small grid; ``gnn.baselines.tuning.tune`` picks by
validation. What needs a feature the dataset lacks says so through ``DataError``.
"""
