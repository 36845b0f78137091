"""The people an organization writes to. Nearly everything about one follows from its number."""

from __future__ import annotations

from array import array
from typing import Any

from gateway.simulate.chance import bag
from gateway.simulate.moments import DAY, HOUR, offset, text
from gateway.simulate.tenants import Tenant
from models.zones import zone

MOST = 250_000
FIRST_NAMES = (
    *("Ada", "Amir", "Beatriz", "Carlos", "Chen", "Devi", "Elena", "Farah", "Grace", "Hugo", "Ines", "Jamal"),
    *("Kavya", "Liam", "Maya", "Noah", "Olga", "Priya", "Quinn", "Rosa", "Sam", "Tomás", "Uma", "Zoe"),
)
LAST_NAMES = (
    *(
        "Abbott",
        "Bauer",
        "Costa",
        "Das",
        "Evans",
        "Flores",
        "García",
        "Haddad",
        "Iyer",
        "Jones",
        "Kim",
        "López",
    ),
    *("Mehta", "Novak", "Okafor", "Patel", "Reyes", "Singh", "Tanaka", "Vega", "Walsh", "Young"),
)
SOURCES = bag(("import", 9), ("web form", 5), ("keyword", 3), ("api", 3), ("manual", 1))
AREAS = (212, 312, 415, 617, 713, 206, 303, 404)


def size_for(messages: int) -> int:
    """How many contacts an organization that sends so many messages gets to know."""
    return min(max(50, messages // 6), MOST)


class Book:
    """One organization's contacts: who is known by now, who has opted out and what their clocks show."""

    def __init__(self, tenant: Tenant) -> None:
        self.ids: list[str] = []
        self.created = array("q")
        self.zones = bytearray()  # for each contact, the place of its zone among the organization's
        self.opted_out: set[int] = set()
        self._organization = tenant.slug
        self._mails = tenant.channels[0][0] == "email"
        self._names = [name for name, _ in tenant.zones]
        self._zone_of = bag(*((place, weight) for place, (_, weight) in enumerate(tenant.zones)))
        self._offsets: list[int] = []
        self._hour = -1

    def __len__(self) -> int:
        return len(self.ids)

    def look_at_clocks(self, at: int) -> None:
        """Learn how far each zone is ahead at `at`."""
        if at // HOUR != self._hour:
            self._hour = at // HOUR
            self._offsets = [offset(at, zone(name)) for name in self._names]

    def clock(self, at: int, number: int) -> int:
        """What the contact's clock shows at `at`: milliseconds since its midnight."""
        return (at + self._offsets[self.zones[number]]) % DAY

    def add(self, created: int) -> dict[str, Any]:
        """The record of one more contact."""
        number = len(self.ids)
        self.ids.append(f"con_{number:06d}")
        self.zones.append(self._zone_of[_mixed(number) % len(self._zone_of)])
        self.created.append(created)
        return self.record(number)

    def opt_out(self, number: int, at: int) -> dict[str, Any]:
        """The record of a contact who wants no more."""
        self.opted_out.add(number)
        return {**self.record(number), "is_opted_in": False, "updated_at": text(at)}

    def record(self, number: int) -> dict[str, Any]:
        """The contact as it was first told of."""
        mix = _mixed(number)
        first, last = FIRST_NAMES[mix % len(FIRST_NAMES)], LAST_NAMES[mix // 64 % len(LAST_NAMES)]
        zone_name = self._names[self.zones[number]]
        address = (
            {"email": f"reader{number}@mail.example"} if self._mails else {"phone": _phone(number, zone_name)}
        )
        return {
            "type": "contact",
            "organization": self._organization,
            "id": self.ids[number],
            "name": f"{first} {last}",
            **address,
            "timezone": zone_name,
            "source": SOURCES[mix // 4096 % len(SOURCES)],
            "is_textable": not self._mails and mix % 33 != 0,
            "is_opted_in": True,
            "created_at": text(self.created[number]),
        }


def _mixed(number: int) -> int:
    return (number * 2_654_435_761 & 0xFFFFFFFF) >> 8


def _phone(number: int, zone_name: str) -> str:
    # Nobody is called: 555-01xx is kept for fiction, and no country has the code 999.
    if not zone_name.startswith("America/"):
        return f"+999{number:08d}"
    return f"+1{AREAS[number // 100 % len(AREAS)]}55501{number % 100:02d}"
