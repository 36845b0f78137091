"""Whether two shares differ by more than chance.

Two-sided: the pooled two-proportion z-test, and Fisher's exact test where a cell of the table is expected
to hold fewer than five. Nothing here knows what is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import comb, erfc, sqrt
from statistics import NormalDist

SMALLEST_EXPECTED = 5
ENOUGH = 2  # of each: a test of fewer can say nothing
EXACT_UP_TO = 20_000  # beyond it the numbers of the exact test grow past all use
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Share:
    """So many of so many; 0 ≤ hits ≤ of."""

    hits: int
    of: int

    @property
    def value(self) -> Fraction:
        """The share, exactly; 0 of nothing."""
        return Fraction(self.hits, self.of) if self.of else Fraction(0)

    @property
    def can_be_tested(self) -> bool:
        """Whether it is a share at all: rates may count more hits than there were chances."""
        return self.of >= ENOUGH and 0 <= self.hits <= self.of


class SignificanceTest(StrEnum):
    """How a p-value was found."""

    Z = "two_proportion_z"
    EXACT = "fisher_exact"


@dataclass(frozen=True)
class Interval:
    """Where the true share lies, from low to high."""

    low: float
    high: float


def wilson(share: Share, confidence: float = 0.95) -> Interval | None:
    """Wilson's interval of a share; None where there is nothing to tell from."""
    if share.of <= 0 or not 0 <= share.hits <= share.of:
        return None
    z, n = _NORMAL.inv_cdf((1 + confidence) / 2), share.of
    middle = (share.hits + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * sqrt(share.hits * (n - share.hits) / n + z * z / 4)
    return Interval(max(middle - half, 0.0), min(middle + half, 1.0))


def z_test(one: Share, other: Share) -> float:
    """The two-sided p-value of the pooled two-proportion z-test; 1 where both are all or nothing."""
    hits, n = one.hits + other.hits, one.of + other.of
    if hits in (0, n):
        return 1.0
    pooled = hits / n
    error = sqrt(pooled * (1 - pooled) * (1 / one.of + 1 / other.of))
    return erfc(abs(float(one.value - other.value)) / error / sqrt(2))


def exact_test(one: Share, other: Share) -> float:
    """The two-sided p-value of Fisher's exact test: of all tables as likely as this one, or less."""
    hits, n = one.hits + other.hits, one.of + other.of
    low, high = max(0, hits - other.of), min(hits, one.of)
    weights = [comb(one.of, low) * comb(other.of, hits - low)]
    for k in range(low, high):
        weights.append(weights[-1] * (one.of - k) * (hits - k) // ((k + 1) * (other.of - hits + k + 1)))
    seen = weights[one.hits - low]
    return float(Fraction(sum(weight for weight in weights if weight <= seen), comb(n, hits)))


def is_small(one: Share, other: Share) -> bool:
    """Whether a cell of the two by two table is expected to hold fewer than five."""
    hits, n = one.hits + other.hits, one.of + other.of
    return min(one.of, other.of) * min(hits, n - hits) < SMALLEST_EXPECTED * n


def compare(one: Share, other: Share) -> tuple[float, SignificanceTest] | None:
    """The p-value and how it was found; None where there is not enough to tell."""
    if not (one.can_be_tested and other.can_be_tested):
        return None
    if is_small(one, other) and max(one.of, other.of) <= EXACT_UP_TO:
        return exact_test(one, other), SignificanceTest.EXACT
    return z_test(one, other), SignificanceTest.Z


def holm(values: Sequence[float]) -> list[float]:
    """P-values corrected for being several, by Holm's method, in the order given."""
    order = sorted(range(len(values)), key=lambda place: values[place])
    corrected, highest = [0.0] * len(values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(values[place] * (len(values) - rank), 1.0))
        corrected[place] = highest
    return corrected
