"""Parameters are read strictly, and whatever a caller sends, nothing breaks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from gateway.rest.agentmessage.params import MessagesParams
from gateway.rest.read import Given, Moment, Whole, iso, moment, read, whole
from gateway.rest.write import half_up
from models.errors import InvalidInput
from tests.gateway.rest.world import World
from tests.house import bearer
from tests.worlds import bounded


class Params(BaseModel):
    """Two parameters."""

    size: Whole = Field(3, ge=1)
    start: Moment | None = Field(None, alias="from")


def wrong(*given: tuple[str, str]) -> Any:
    with pytest.raises(InvalidInput) as caught:
        read(Params, given)
    return caught.value.details["fields"]


def test_moments_are_read_with_their_offset_into_utc() -> None:
    for text, expected in (
        ("2026-05-05T00:00:00Z", datetime(2026, 5, 5, tzinfo=UTC)),
        ("2026-05-05t01:30:00+01:30", datetime(2026, 5, 5, tzinfo=UTC)),
        ("2026-05-04T23:00:00.5-01:00", datetime(2026, 5, 5, 0, 0, 0, 500_000, tzinfo=UTC)),
        ("2024-02-29T12:00:00.123456z", datetime(2024, 2, 29, 12, 0, 0, 123_456, tzinfo=UTC)),
    ):
        assert moment(text) == expected


def test_iso_knows_a_day_from_a_moment() -> None:
    midnight = datetime(2026, 5, 5, tzinfo=UTC)

    assert iso("2026-05-05") == Given(midnight, is_day=True)
    for text in ("2026-05-05T00:00:00", "2026-05-05T00:00:00.0Z", "2026-05-04T19:00:00-05:00"):
        assert iso(text) == Given(midnight, is_day=False)


def test_parameters_are_found_by_the_vendors_name_and_defaults_fill_in() -> None:
    params = read(Params, [("from", "2026-05-05T00:00:00Z"), ("start", "x"), ("other", "1"), ("other", "2")])

    assert (params.size, params.start) == (3, datetime(2026, 5, 5, tzinfo=UTC))


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert wrong(("size", "0"), ("from", "")).keys() == {"size", "from"}
    assert wrong(("size", "1"), ("size", "x"), ("from", "1")).keys() == {"size", "from"}
    assert wrong(("size", "x"), ("size", "1")) == {"size": "must be given once"}


@given(st.text())
def test_no_text_breaks_the_readers(text: str) -> None:
    for reader in (iso, moment, whole):
        try:
            reader(text)
        except ValueError:
            pass
        else:
            assert text.isascii()


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
CLOSE = st.sampled_from(
    ["sent", "minute", "day", "channel", "prior_period", "1", "5000", "", "null", "\0", "a.b.c", "x" * 3000]
) | st.datetimes().map(lambda moment: f"{moment.isoformat()}Z")
NAMES = st.sampled_from([*(f.alias or name for name, f in MessagesParams.model_fields.items()), "other"])


@bounded(60)
@given(given=st.lists(st.tuples(NAMES, CLOSE | TEXTS), max_size=6))
async def test_nothing_a_caller_sends_breaks_the_gateway(world: World, given: list[tuple[str, str]]) -> None:
    params: Any = [("metric", "sent"), *(pair for pair in given if pair[0] != "metric")]

    answer = await world.http.get("/v1/metrics/messages", params=params, headers=bearer(world.key))

    assert answer.status_code in (200, 422), answer.text
    assert answer.json()["success"] is (answer.status_code == 200)


@given(st.integers(0, 10**18), st.integers(1, 10**6))
def test_rounding_is_exact_and_halves_go_up(top: int, bottom: int) -> None:
    rounded = half_up(top, bottom)

    # rounded − ½ ≤ top ÷ bottom < rounded + ½
    assert (2 * rounded - 1) * bottom <= 2 * top < (2 * rounded + 1) * bottom
