"""Benchmarks: differences against a named reference in the same run, losses shown. No package imports this."""
