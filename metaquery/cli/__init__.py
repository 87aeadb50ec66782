"""The command line. Commands are loaded when they are run, so each pays for itself alone."""

from metaquery.cli.root import main

__all__ = ["main"]
