"""The little that the gateway of these tests knows, and the numbers that follow from it.

Three campaigns, told newest last; each message went out at noon UTC of its day and was delivered a minute later, or failed:

    campaign       days ago   messages   delivered   failed
    Spring sale           3          3           2        1
    Summer sale           2          2           2        0
    Autumn sale           1          1           1        0
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.rest import VENDORS

ACME = "acme"
CAMPAIGNS = (
    ("spring", "Spring sale", 3, 2, 1),
    ("summer", "Summer sale", 2, 2, 0),
    ("autumn", "Autumn sale", 1, 1, 0),
)

DELIVERED = {"total": 5, "days": [2, 2, 1]}  # 2 + 2 + 1, of the last seven days those that are not 0
PAGES = [["Autumn sale", "Summer sale"], ["Spring sale"]]  # the newest first, two a page
PARTS = {
    "first": {"Autumn sale": None, "Summer sale": None},  # the names at once, what was sent of them later
    "last": {"Autumn sale": 1, "Summer sale": 2},
}
EXPORTED = {"status": "COMPLETED", "rows": 3}  # a row for each campaign
AUDITED = {"ok": 61, "of": 61}
GREW = {"grewBy": 1}  # the client sent one message


def records(now: datetime) -> Iterator[dict[str, Any]]:
    """All there is, as an operator would ingest it."""
    aliases = {vendor.name: ACME for vendor in VENDORS}
    yield {"type": "organization", "id": ACME, "name": "Acme", "timezone": "UTC", "aliases": aliases}
    for id, name, days, delivered, failed in CAMPAIGNS:
        noon = (now.astimezone(UTC) - timedelta(days=days)).replace(
            hour=12, minute=0, second=0, microsecond=0
        )
        yield {
            "type": "campaign",
            "organization": ACME,
            "id": id,
            "name": name,
            "status": "completed",
            "created_at": noon.isoformat(),
        }
        for number in range(delivered + failed):
            ended = "delivered_at" if number < delivered else "failed_at"
            yield {
                "type": "message",
                "organization": ACME,
                "id": f"{id}-{number}",
                "channel": "sms",
                "campaign_id": id,
                "created_at": noon.isoformat(),
                "sent_at": noon.isoformat(),
                ended: (noon + timedelta(minutes=1)).isoformat(),
            }
