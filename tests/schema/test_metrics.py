"""Looking at what is selected: every shape of a document, and never at the same fragment twice."""

from __future__ import annotations

from tests.house import House, message

WINDOW = 'window: {days: {first: "2026-05-05", last: "2026-05-05"}}'


async def test_measures_are_found_in_fragments_aliases_and_inline_fragments(house: House, key: str) -> None:
    await house.take(message("a", "2026-05-05T10:00:00Z", delivered_at="2026-05-05T10:01:00Z"))
    document = f"""
      query {{ messageBuckets({WINDOW}) {{ ...Rows }} }}
      fragment Rows on MessageBuckets {{ buckets {{ ... on MessageBucket {{ metrics {{ ...Rates sent: delivered }} }} }} }}
      fragment Rates on MessageMetrics {{ deliveryRate }}
    """

    found = await house.ask(key, document)

    assert found["messageBuckets"]["buckets"] == [{"metrics": {"deliveryRate": 100, "sent": 1}}]


async def test_fragments_that_spread_one_another_twice_cost_no_more_than_once(house: House, key: str) -> None:
    # 4 levels are 16 copies of one field, more than half of what a document may have in one place
    levels = 4
    fragments = "\n".join(
        f"fragment f{n} on MessageBuckets {{ ...f{n + 1} ...f{n + 1} }}" for n in range(levels)
    )
    document = f"{{ messageBuckets({WINDOW}) {{ ...f0 }} }} {fragments} fragment f{levels} on MessageBuckets {{ total }}"

    found = await house.ask(key, document)

    assert found == {"messageBuckets": {"total": 0}}
