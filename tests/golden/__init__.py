"""Cases kept as data."""
