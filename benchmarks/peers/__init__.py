"""Whom we are held against: the same questions over the same tables, each answered as its users would write it."""
