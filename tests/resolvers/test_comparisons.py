"""The best share against the second best."""

from __future__ import annotations

from resolvers.comparisons import NOTHING, Method, Verdict, corrected, judge
from resolvers.statistics import Share, SignificanceTest

A, B, C = Share(140, 395), Share(112, 395), Share(20, 395)


def test_the_best_is_held_against_the_second_best_wherever_they_stand() -> None:
    verdict = judge([C, A, B], low_is_good=False, method=Method.Z)

    assert (verdict.winner, verdict.best, verdict.second) == (1, 1, 2)
    assert verdict.is_significant and verdict.test is SignificanceTest.Z


def test_where_less_is_better_the_lowest_wins() -> None:
    assert judge([C, A, B], low_is_good=True, method=Method.Z).winner == 0


def test_a_tie_has_no_winner_and_says_nothing_of_significance() -> None:
    verdict = judge([A, Share(280, 790)], low_is_good=False, method=Method.Z)

    assert verdict.winner is None
    assert not verdict.is_significant


def test_what_is_no_share_does_not_take_part_and_one_alone_is_not_compared() -> None:
    assert judge([None, A, Share(0, 0)], low_is_good=False, method=Method.AUTO) == NOTHING
    assert judge([None, A, B], low_is_good=False, method=Method.AUTO).winner == 1


def test_small_samples_are_tested_exactly_unless_told_otherwise() -> None:
    pair = [Share(3, 4), Share(1, 4)]
    assert judge(pair, low_is_good=False, method=Method.AUTO).test is SignificanceTest.EXACT
    assert judge(pair, low_is_good=False, method=Method.Z).test is SignificanceTest.Z
    assert judge([Share(1, 1), Share(0, 1)], low_is_good=False, method=Method.AUTO).p is None


def test_a_correction_leaves_what_was_not_tested_alone() -> None:
    tested = Verdict(0, 0, 1, 0.03, SignificanceTest.Z)

    assert corrected([tested, NOTHING, tested]) == [
        Verdict(0, 0, 1, 0.06, SignificanceTest.Z),
        NOTHING,
        Verdict(0, 0, 1, 0.06, SignificanceTest.Z),
    ]
