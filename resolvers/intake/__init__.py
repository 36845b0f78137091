"""What comes in, on its way to the tables.

lines ──parse──▶ records ──fold──▶ one state a row ──absorb──▶ tables and the outbox of differences
"""
