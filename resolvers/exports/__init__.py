"""Exports: what can be had as a file, who works on it, and how it is written."""
