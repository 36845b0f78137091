"""Exports: their files are written, kept for a while, and handed out."""
