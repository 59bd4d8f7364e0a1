"""Measures Chapbook, the baseline and other servers in turn. `bench/run` is the entry point."""
