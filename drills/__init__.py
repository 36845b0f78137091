"""Faults on purpose, under load, on real processes: what is lost, what hangs, how long until all is well."""
