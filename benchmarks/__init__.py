"""Benchmarks: ratios to hand-written SQL in the same run."""
