"""Measures the engine against its figures: `python -m bench` prints a table and writes `bench/results.json`."""
