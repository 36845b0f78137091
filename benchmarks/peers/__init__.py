"""Whom we are held against: the same questions of the same tables, answered as their users would write it."""
