"""What is wrong with an answer."""

from __future__ import annotations

import pytest

from drills.client import HUNG, LOST, Reply
from drills.scene import Looks
from drills.verdict import Allowed, dirt

AWAY, GONE, NOTHING = Allowed(), Allowed(away=False, gone=True), Allowed(away=False)
AGAIN = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\n\r\n"


def reply(status: int, body: bytes = b"{}", head: bytes = AGAIN, about: str = "ask") -> Reply:
    return Reply(about, 0, 0.1, status, head, body)


@pytest.mark.parametrize(
    ("given", "allowed"),
    [(reply(200), NOTHING), (reply(503), AWAY), (reply(LOST), GONE), (reply(HUNG), AWAY)],
)
def test_an_answer_that_the_fault_excuses_is_clean(given: Reply, allowed: Allowed) -> None:
    assert dirt(given, allowed) == ""


@pytest.mark.parametrize(
    ("given", "allowed", "why"),
    [
        (reply(500), AWAY, "ask answered 500"),
        (reply(503), NOTHING, "ask answered 503"),
        (reply(503, about="health"), AWAY, "health answered 503"),
        (reply(LOST), AWAY, "a line was lost"),
        (reply(503, b'{"error": "SELECT 1"}'), AWAY, "shows what is internal"),
        (reply(503, b"<html>"), AWAY, "not JSON"),
        (reply(503, head=b"HTTP/1.1 503 Away\r\n\r\n"), AWAY, "without Retry-After"),
    ],
)
def test_an_answer_that_is_wrong_is_told_by_why(given: Reply, allowed: Allowed, why: str) -> None:
    assert why in dirt(given, allowed)


@pytest.mark.parametrize(("tried", "taken"), [(3, 3), (6, 3), (9, 5)])
def test_three_looks_and_half_of_them_show_that_nothing_was_wrong(tried: int, taken: int) -> None:
    assert Looks(tried, taken).are_enough


@pytest.mark.parametrize(("tried", "taken"), [(0, 0), (1, 1), (2, 2), (7, 3)])
def test_fewer_looks_show_nothing(tried: int, taken: int) -> None:
    assert not Looks(tried, taken).are_enough
