"""Tests of two shares: numbers from textbooks, and laws that hold for any."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.statistics import Share, SignificanceTest, compare, exact_test, holm, is_small, wilson, z_test
from tests.worlds import bounded

shares = st.integers(1, 40).flatmap(lambda of: st.integers(0, of).map(lambda hits: Share(hits, of)))


def test_the_z_test_says_what_a_table_of_the_normal_distribution_says() -> None:
    # 140 and 112 of 395 each: pooled 252/790, standard error 0.03318, z = 0.07089 / 0.03318 = 2.1367
    assert z_test(Share(140, 395), Share(112, 395)) == pytest.approx(0.0326, abs=0.0001)
    assert z_test(Share(5, 5), Share(7, 7)) == 1.0
    assert z_test(Share(0, 5), Share(0, 7)) == 1.0


def test_the_exact_test_says_what_fisher_said_of_the_lady_who_tasted_tea() -> None:
    # four of four cups right: one table of 70 on each side
    assert exact_test(Share(4, 4), Share(0, 4)) == pytest.approx(2 / comb(8, 4))
    # three of four: 2 × (16 + 1) of 70
    assert exact_test(Share(3, 4), Share(1, 4)) == pytest.approx(34 / 70)


def test_wilsons_interval_holds_even_nothing_and_everything() -> None:
    # 0 of 10: from 0 to z² / (10 + z²) with z² = 3.8415
    none = wilson(Share(0, 10))
    assert none is not None
    assert (none.low, none.high) == (pytest.approx(0, abs=1e-12), pytest.approx(3.8415 / 13.8415, abs=1e-4))
    assert wilson(Share(0, 0)) is None


def test_holm_multiplies_the_smallest_most_and_never_goes_down() -> None:
    # sorted 0.01 × 3, 0.03 × 2, 0.04 × 1; the last may not be below the one before
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


@given(one=shares, other=shares)
@bounded(60)
def test_a_p_value_is_one_whichever_way_it_is_asked_and_small_samples_are_tested_exactly(
    one: Share, other: Share
) -> None:
    assert 0 <= z_test(one, other) <= 1
    assert exact_test(one, other) == pytest.approx(exact_test(other, one))
    assert exact_test(one, other) == pytest.approx(_by_counting(one, other))
    found = compare(one, other)
    if min(one.of, other.of) < 2:
        assert found is None
    else:
        assert found is not None and found[1] is (
            SignificanceTest.EXACT if is_small(one, other) else SignificanceTest.Z
        )


@given(share=shares)
@bounded(40)
def test_a_share_lies_within_its_interval(share: Share) -> None:
    interval = wilson(share)
    assert interval is not None
    assert interval.low - 1e-12 <= float(share.value) <= interval.high + 1e-12


def _by_counting(one: Share, other: Share) -> float:
    """Every table with these margins, weighed by the ways to fill it."""
    hits = one.hits + other.hits
    ways = {k: comb(one.of, k) * comb(other.of, hits - k) for k in range(hits + 1) if hits - k <= other.of}
    likely = [count for count in ways.values() if 0 < count <= ways[one.hits]]
    return float(Fraction(sum(likely), sum(ways.values())))
