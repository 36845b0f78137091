"""Sums and ratios: exact until the very end, and in words."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import (
    CAMPAIGNS,
    CONTACTS,
    CREDITS,
    FACTS,
    MESSAGES,
    TIERS,
    VIEWS,
    WORKFLOW_ENTRIES,
    Clock,
    Fact,
    Ratio,
)
from models.fact import rate, weights
from models.rollups import QUARTER
from tests.worlds import bounded

SCORE = Ratio(
    "score",
    {"opened": Fraction(3, 10), "clicked": Fraction(4, 10), "replied": Fraction(3, 10)},
    weights("attempted"),
    "How much people did.",
    "points",
)


def test_a_ratio_says_how_it_is_worked_out() -> None:
    assert rate("delivery_rate", "delivered", "logged", "Share.").formula == "100 × delivered ÷ logged"
    assert SCORE.formula == "100 × (0.3 opened + 0.4 clicked + 0.3 replied) ÷ attempted"


@pytest.mark.parametrize(
    ("delivered", "logged", "percent"),
    [(1, 2, 50.0), (1, 3, 100 / 3), (0, 7, 0.0), (7, 7, 100.0), (2, 3, 200 / 3), (0, 0, None), (3, 0, None)],
)
def test_a_rate_is_a_percentage_and_nothing_of_nothing(
    delivered: int, logged: int, percent: float | None
) -> None:
    found = rate("r", "delivered", "logged", "Share.").of({"delivered": delivered, "logged": logged})

    assert found == percent


def test_a_weighted_top_is_exact_before_it_is_rounded() -> None:
    # 100 × (0.3 × 1 + 0.4 × 1 + 0.3 × 1) ÷ 1 = 100, where 0.3 + 0.4 + 0.3 in floats need not be 1.
    ones = {"opened": 1, "clicked": 1, "replied": 1, "attempted": 1}

    assert SCORE.of(ones) == 100.0
    assert SCORE.numerator({"opened": 1, "clicked": 2, "replied": 0}) == Fraction(11, 10)


def test_a_weighted_bottom_is_exact_too() -> None:
    net = rate("net", "opened", {"attempted": 1, "bounced": -1}, "Share.")

    assert net.formula == "100 × opened ÷ (attempted − bounced)"
    assert net.parts == {"opened", "attempted", "bounced"}
    assert net.of({"opened": 1470, "attempted": 5000, "bounced": 100}) == 30.0
    # where as much or more came back as left there is nothing to divide by
    for bounced in (5, 6):
        assert net.of({"opened": 3, "attempted": 5, "bounced": bounced}) is None
    half = Ratio("half", weights("a"), {"a": Fraction(1, 2), "b": Fraction(1, 3)}, "Share.", times=1)
    assert half.denominator({"a": 1, "b": 1}) == Fraction(5, 6)
    assert half.of({"a": 1, "b": 1}) == 1.2


def test_a_top_that_takes_away_may_fall_below_nought() -> None:
    placed = rate("placed", {"sent": 1, "bounced": -1, "complained": -1}, "sent", "Share.")

    assert placed.formula == "100 × (sent − bounced − complained) ÷ sent"
    assert placed.of({"sent": 75_000, "bounced": 1_500, "complained": 1_875}) == 95.5
    assert placed.of({"sent": 1, "bounced": 2, "complained": 0}) == -100.0


@given(st.integers(0, 10**18), st.integers(1, 10**18))
@bounded(200)
def test_a_ratio_is_the_float_nearest_to_the_exact_fraction(top: int, bottom: int) -> None:
    assert rate("r", "a", "b", "Share.").of({"a": top, "b": bottom}) == float(Fraction(100 * top, bottom))


@pytest.mark.parametrize("fact", [*FACTS, *VIEWS], ids=lambda fact: fact.name)
def test_names_tell_measures_and_dimensions_apart(fact: Fact) -> None:
    names = [one.name for one in (*fact.sums, *fact.ratios, *fact.dimensions)]
    assert len(names) == len(set(names))
    assert list(fact.measures) == names[: len(fact.measures)]
    splits = [one.name for one in (*fact.dimensions, *fact.details)]
    assert list(fact.splits) == splits
    assert len(splits) == len(set(splits))
    assert not [name for name in splits if "." in name], "a dot leads to another row"


def test_a_measure_is_made_of_the_sums_it_needs_in_the_order_declared() -> None:
    assert MESSAGES.parts(("delivered", "logged")) == ("logged", "delivered")
    assert MESSAGES.parts(("delivery_rate",)) == ("logged", "confirmed")
    assert MESSAGES.parts(("confirmation_rate",)) == ("handed_off", "confirmed")
    assert MESSAGES.parts(("engagement_score",)) == ("attempted", "opened", "clicked", "replied")
    assert MESSAGES.parts(("click_rate", "open_rate", "clicked")) == ("delivered", "opened", "clicked")
    assert MESSAGES.parts(()) == ()
    with pytest.raises(KeyError):
        MESSAGES.parts(("happiness",))


def test_only_messages_know_when_they_left() -> None:
    assert {fact.name for fact in FACTS if Clock.SENT in fact.clocks} == {"message"}
    assert all({Clock.CREATED, Clock.HAPPENED} <= set(fact.clocks) for fact in FACTS)
    # Hours of the week are asked of that clock, and quarters of an hour answer them.
    assert {tier.unit for tier in TIERS[MESSAGES] if Clock.SENT in tier.clocks} == {QUARTER}


def test_a_fact_has_the_tiers_it_wants_coarsest_first() -> None:
    for fact in FACTS:
        assert tuple(tier.name for tier in TIERS[fact]) == fact.tiers


def test_a_view_is_never_rolled_up_and_goes_by_the_watermark_of_a_fact_that_is() -> None:
    known = {fact.name for fact in FACTS}
    for fact in VIEWS:
        assert TIERS[fact] == ()
        assert fact.name not in known
        assert fact.mark in known
    assert all(fact.mark == fact.name for fact in FACTS)


def test_only_contacts_have_fields_that_nobody_declared() -> None:
    assert [fact.name for fact in (*FACTS, *VIEWS) if fact.custom is not None] == ["contact"]
    assert CONTACTS.split("custom.a.b").name == "custom.a.b"
    assert CONTACTS.split("city") is CONTACTS.splits["city"]
    for fact, name in ((CONTACTS, "happiness"), (MESSAGES, "custom.age")):
        with pytest.raises(KeyError):
            fact.split(name)


def test_a_fact_knows_the_columns_that_decide_where_it_counts() -> None:
    assert CAMPAIGNS.moments == ("created_at", "started_at", "completed_at")
    assert CONTACTS.moments == ("created_at", "deleted_at")  # not when it changed its mind
    assert WORKFLOW_ENTRIES.moments == ("entered_at", "exited_at")
    assert CREDITS.moments == ("at",)  # not when a grant runs out
    assert {"created_at", "sent_at", "hard_bounced_at", "charged_at"} <= set(MESSAGES.moments)
