"""Serving: HTTP service, web page, the ``shopgraph`` command."""
