"""A demo shop drawn and written by the project itself."""
