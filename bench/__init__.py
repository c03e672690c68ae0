"""Benchmarks. `python -m bench` runs them all and writes docs/benchmarks.md; some have a command of their own."""
