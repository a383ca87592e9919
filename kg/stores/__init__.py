"""Graph stores: the only place where database drivers appear."""
