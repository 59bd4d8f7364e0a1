"""Chapbook, the baseline and other servers, measured in turn. `bench/run` is the way in."""
