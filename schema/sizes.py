"""What fields declare of their answers: how much they hold, which `schema/cost.py` adds up before a document
runs, and of what they are made, which says how long they may be kept.

Written as the `metadata` of a field. A list that declares nothing holds what `first` says, or some ten items;
a root field that declares nothing is never kept.
"""

from __future__ import annotations

from typing import Any

SIZE, WEIGHT = "size", "weight"
BUCKETS, GROUPS = "buckets", "groups"

COLUMN = 0.25  # what a value in a column costs, and a number that is worked out; one in a row costs 1

PER_BUCKET: dict[str, Any] = {SIZE: BUCKETS}  # one item for each bucket of the question
PER_GROUP: dict[str, Any] = {SIZE: GROUPS}  # one item for each group of it
HEAVY: dict[str, Any] = {WEIGHT: 5_000}  # reads over all campaigns, or over a whole week of hours

MADE_OF = "made of"
NUMBERS: dict[str, Any] = {MADE_OF: 2}  # of counted numbers only: settled, when all they count is over
ROWS: dict[str, Any] = {MADE_OF: 1}  # of rows that intake brings too, which may change at any time


def holds(items: int) -> dict[str, Any]:
    """A list of about so many items, whatever is asked."""
    return {SIZE: items}
