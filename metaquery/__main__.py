"""`python -m metaquery`."""

from metaquery.cli import main

main()
