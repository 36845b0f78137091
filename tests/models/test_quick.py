"""The quick reader takes nothing that the records would refuse, and reads it as they do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.records import RECORD, EventRecord, MessageRecord, quick
from tests.worlds import NOW

EVER = NOW + timedelta(days=365 * 70)
MESSAGE = {"type": "message", "id": "a", "created_at": "2026-05-05T10:00:00Z"}
EVENT = {"type": "event", "message_id": "a", "event": "opened", "at": "2026-05-05T10:00:00Z"}
NAMES = sorted({*MessageRecord.model_fields, *EventRecord.model_fields, "nonsense"})
TEXTS = st.sampled_from(
    ["", "a", "API", "Inbox", "sms", "machine", "soft", "clicked", "é" * 200, "x" * 201, "5"]
)
DAYS = st.sampled_from(
    ["2026-05-05", "1999-12-31", "2000-01-01", "2099-12-31", "2100-01-01", "2026-02-30", "+2026-05-05"]
)
HOURS = st.sampled_from(
    ["10:00:00", "10:00", "24:00:00", "23:59:60", "10:00:00.5", "10:00:00.1234567", "10:00:00,5", "1:00"]
)
ZONES = st.sampled_from(["Z", "z", "", "+02:00", "-0930", "+02", "+24:00", "-00:00", " UTC"])
MOMENTS = st.builds(
    lambda day, by, hour, zone: f"{day}{by}{hour}{zone}", DAYS, st.sampled_from("Tt _"), HOURS, ZONES
)
NUMBERS = st.sampled_from([0, -1, 1, 10**12, 10**12 + 1, 1.0, 1.5, 1e12, True])
VALUES = st.one_of(TEXTS, MOMENTS, NUMBERS, st.none(), st.just([]), st.just({}))


@given(
    record=st.sampled_from([MESSAGE, EVENT]),
    changes=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4),
)
def test_what_it_takes_it_reads_as_the_records_do(record: dict[str, Any], changes: dict[str, Any]) -> None:
    line = orjson.dumps(record | changes)

    if (found := quick.read(line, EVER)) is not None:
        asked = RECORD.validate_json(line)  # must not refuse
        assert found.type == asked.type
        assert quick.told(found) == {n: v for n, v in quick.told(asked).items() if v != default(asked, n)}
        assert all(getattr(found, name) == value for name, value in asked.model_dump().items())


def default(record: Any, name: str) -> Any:
    return () if name == "type" else type(record).model_fields[name].default


@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"message","id":"a","id":"b","created_at":"2026-05-05T10:00:00Z"}',
        b'{"type":"message","id":"\\ud800","created_at":"2026-05-05T10:00:00Z"}',
        b'{"type":"message","id":"\xff","created_at":"2026-05-05T10:00:00Z"}',
        b'\xef\xbb\xbf{"type":"message","id":"a","created_at":"2026-05-05T10:00:00Z"}',
        b'{"type":"message","id":"a","created_at":"2026-05-05T10:00:00Z"} {}',
        b'{"type":"message","id":"a","segments":1E2,"created_at":"2026-05-05T10:00:00Z"}',
        b'{"type":"message","id":"a","segments":00,"created_at":"2026-05-05T10:00:00Z"}',
        b'{"type":"message","id":"a","segments":-0,"created_at":"2026-05-05T10:00:00Z"}',
        b'{"id":"a","created_at":"2026-05-05T10:00:00Z","type":"message"}',
        b'{"type":"message","type":"event","id":"a","created_at":"2026-05-05T10:00:00Z"}',
        b'{"type":"message","id":"a\n","created_at":"2026-05-05T10:00:00Z"}',
        b'{"type":"message","id":"a","body":NaN,"created_at":"2026-05-05T10:00:00Z"}',
        b"[]",
        b"{",
    ],
)
def test_odd_lines_are_read_alike_or_not_at_all(line: bytes) -> None:
    found = quick.read(line, EVER)

    try:
        asked = RECORD.validate_json(line)
    except ValidationError:
        assert found is None
    else:
        assert found is None or quick.told(found) == {**quick.told(asked)}


def test_ordinary_lines_need_no_other_reader() -> None:
    message = quick.read(orjson.dumps(MESSAGE | {"source": "Campaign", "segments": 0, "body": None}), EVER)
    event = quick.read(orjson.dumps(EVENT), EVER)

    # what was told; '0' says something, null does not; our own words for causes are in lower case
    assert quick.told(message).keys() == {"type", "id", "created_at", "source", "segments"}
    assert (message.source, message.segments, message.is_test) == ("campaign", 0, None)
    assert (event.message_id, event.event, event.actor, event.link) == ("a", "opened", "human", "")


def test_a_moment_past_the_horizon_is_left_to_the_records() -> None:
    line = orjson.dumps(MESSAGE | {"sent_at": "2026-05-05T10:00:01Z"})
    created = quick.read(orjson.dumps(MESSAGE), EVER).created_at

    assert quick.read(line, created) is None
    assert quick.read(line, created + timedelta(seconds=1)) is not None
