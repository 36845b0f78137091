"""Faults on purpose, under load, on real processes and real stores: what is lost, what hangs, how long until all is well."""
