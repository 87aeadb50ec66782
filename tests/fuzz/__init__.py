"""Filters that somebody typed wrongly, in every way: they bind, or say what is wrong; nothing else happens."""
