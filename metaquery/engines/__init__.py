"""Sql + snapshot to rows: one engine a file."""
