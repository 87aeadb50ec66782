"""Proof that the store loses nothing: processes that are killed, readers beside writers, a server at its worst."""
