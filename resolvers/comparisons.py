"""Shares held against one another: the best, the second best, and whether chance alone does as much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from resolvers.statistics import Share, SignificanceTest, compare, exact_test, holm, z_test

SIGNIFICANT_BELOW = 0.05


class Method(StrEnum):
    """How p-values are found."""

    AUTO = "auto"
    Z = "z"
    EXACT = "exact"


@dataclass(frozen=True)
class Verdict:
    """The places of the best and the second best, and how likely chance alone does as much.

    Both places are None when fewer than two can be compared; `winner` is None on a tie. `p` is None when
    there is not enough to tell.
    """

    winner: int | None
    best: int | None
    second: int | None
    p: float | None
    test: SignificanceTest | None

    @property
    def is_significant(self) -> bool:
        """Whether chance alone would do as much in less than one case of twenty."""
        return self.winner is not None and self.p is not None and self.p < SIGNIFICANT_BELOW


NOTHING = Verdict(None, None, None, None, None)


def judge(shares: Sequence[Share | None], low_is_good: bool, method: Method) -> Verdict:
    """The best of the shares against the second best; those that are none do not take part."""
    places = [place for place, share in enumerate(shares) if share is not None and share.of > 0]
    if len(places) < 2:
        return NOTHING

    def worth(place: int) -> tuple[object, int]:
        share = shares[place]
        assert share is not None
        return (share.value if low_is_good else -share.value), place

    best, second = sorted(places, key=worth)[:2]
    one, other = shares[best], shares[second]
    assert one is not None and other is not None
    tested = _tested(one, other, method)
    p, test = tested if tested is not None else (None, None)
    return Verdict(None if one.value == other.value else best, best, second, p, test)


def corrected(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts with their p-values corrected for being several, by Holm's method."""
    known = [place for place, verdict in enumerate(verdicts) if verdict.p is not None]
    values = holm([verdicts[place].p or 0.0 for place in known])
    made = list(verdicts)
    for place, p in zip(known, values, strict=True):
        made[place] = replace(verdicts[place], p=p)
    return made


def _tested(one: Share, other: Share, method: Method) -> tuple[float, SignificanceTest] | None:
    if method is Method.AUTO:
        return compare(one, other)
    if method is Method.EXACT:
        return (exact_test(one, other), SignificanceTest.EXACT) if one.of + other.of <= 40_000 else None
    return z_test(one, other), SignificanceTest.Z
