"""The query library: one query a file, packaged as resources."""
