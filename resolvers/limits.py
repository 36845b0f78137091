"""What one question may cost, and what a plan allows."""

from __future__ import annotations

from models import Plan
from models.errors import GranularityNotAvailable, InvalidInput, TooMuchAtOnce, WindowTooLarge
from resolvers.periods import Granularity, Window, buckets, count_at_most

MAX_PAGE = 100


def check_granularity(plan: Plan, granularity: Granularity) -> None:
    """Raises GranularityNotAvailable when the plan's buckets are coarser."""
    if granularity.rank < Granularity(plan.max_granularity).rank:
        raise GranularityNotAvailable(
            f"Buckets of one {granularity.value} are not available at your plan '{plan.code}'; "
            f"the finest is {plan.max_granularity}.",
            max_granularity=plan.max_granularity,
        )


def check_buckets(plan: Plan, window: Window, granularity: Granularity, zone: str) -> None:
    """Raises WindowTooLarge when the answer would hold more buckets than the plan allows."""
    # Counting first: making a hundred million buckets to refuse them would be the attack itself.
    number = count_at_most(window, granularity, zone)
    if number <= plan.max_buckets + 400:
        number = len(buckets(window, granularity, zone))
    if number > plan.max_buckets:
        raise WindowTooLarge(
            f"The window holds {number} buckets of one {granularity.value} and an answer carries at most "
            f"{plan.max_buckets}; ask for a shorter window or a coarser granularity.",
            bucket_count=number,
            max_buckets=plan.max_buckets,
        )


class Budget:
    """How many values the rows of one request may still hold."""

    def __init__(self, values: int) -> None:
        self._values = self.left = values

    def spend(self, values: int) -> None:
        """Take so many from what is left. Raises TooMuchAtOnce."""
        self.left -= values
        if self.left < 0:
            raise TooMuchAtOnce(limit="cost", max=self._values)


def check_page(first: int, most: int = MAX_PAGE) -> int:
    """`first`, when it is between 1 and `most`. Raises InvalidInput."""
    if not 1 <= first <= most:
        raise InvalidInput(f"'first' must be between 1 and {most}, not {first}.", max=most)
    return first
