"""Faults seeded in the compiler, each with the law that has to catch it."""
