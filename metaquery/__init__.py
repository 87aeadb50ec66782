"""Filter Encord client metadata on your own machine, and turn what you find into Collections."""

__version__ = "0.1.0"
