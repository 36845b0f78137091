"""What is tried: requests of a tenant, by twos that must be answered alike, since one names what is another's
and the other what nobody has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from probe.tenants import EACH, NAMES, OTHER, OWN, UNKNOWN, Tenant, of_kind

GROUPS = (  # the kinds of tries; each must show that it can succeed
    *("REST query", "REST path", "REST body"),
    *("GraphQL query", "GraphQL, nested", "GraphQL variables", "GraphQL aliases", "GraphQL mutation"),
    *("headers", "parameters", "cursors", "exports", "links", "ETags", "WebSockets", "interleaved"),
)


@dataclass(frozen=True)
class Ask:
    """One request; `said` is what it names that is not the asker's, which an answer may repeat."""

    method: str
    path: str
    params: tuple[tuple[str, str], ...] = ()
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    said: tuple[str, ...] = ()

    def about(self) -> str:
        """In a line, for the table."""
        return f"{self.method} {self.path} {dict(self.params) or ''} {self.body or ''}"[:400]


@dataclass(frozen=True)
class Try:
    """Requests that must tell nothing; `unknown` is the twin of `foreign` if there is one."""

    group: str
    foreign: Ask
    unknown: Ask | None = None


@dataclass(frozen=True)
class Value:
    """What is put into one place: the asker's own, another's, and nobody's."""

    own: str
    other: str
    unknown: str
    is_id: bool = True

    @property
    def mixes(self) -> Iterator[tuple[list[str], list[str]]]:
        """What is another's in every mixture, each beside what nobody's is in its place."""
        if self.is_id:
            yield [self.other], [self.unknown]
            yield [self.other, self.own], [self.unknown, self.own]
        yield [self.own, self.other], [self.own, self.unknown]


def values(name: str, beside: str = "") -> list[Value]:
    """What fits a place of this name: ids of the kind that it or what stands beside it means, of any kind
    where only `id` is said; else texts."""
    if kind := of_kind(name) or (of_kind(beside) if name == "id" else None):
        return _ids((kind,))
    if name.endswith(("id", "ids", "Id", "Ids")):
        return _ids(NAMES)
    return [replace(_value(lambda tenant: f"{tenant.marker} {name} 0"), is_id=False)]


def node_ids(kinds: list[str]) -> list[Value]:
    """Global ids of these types of the schema."""
    found = [(kind, of_kind(_snake(kind))) for kind in kinds]
    return [
        _value(lambda tenant, kind=kind, ours=ours, place=place: f"{kind}:{tenant.id(ours, place)}")
        for kind, ours in found
        if ours
        for place in range(EACH)
    ]


def twins(group: str, foreign: Ask, unknown: Ask, said: tuple[list[str], list[str]]) -> Try:
    """Two requests that differ in nothing but whose that is."""
    return Try(group, replace(foreign, said=_bare(said[0])), replace(unknown, said=_bare(said[1])))


def as_of(tenant: Tenant, ask: Ask) -> Ask:
    """The request as that tenant would make it, of its own things."""
    told = (_as_of(tenant, held) for held in (ask.path, ask.params, ask.body))
    return Ask(ask.method, *told, headers=_as_of(tenant, ask.headers))


def _as_of(tenant: Tenant, said: Any) -> Any:
    if isinstance(said, str):
        for ours, theirs in zip(OWN.signs, tenant.signs, strict=True):
            said = said.replace(ours, theirs)
        return said
    if isinstance(said, dict):
        return {name: _as_of(tenant, held) for name, held in said.items()}
    return said if said is None else type(said)(_as_of(tenant, one) for one in said)


def _bare(ids: list[str]) -> tuple[str, ...]:
    """The ids, those of the schema without their types, too: errors name them so."""
    return (*ids, *(id.rpartition(":")[2] for id in ids))


def _ids(kinds: tuple[str, ...]) -> list[Value]:
    return [
        _value(lambda tenant, kind=kind, place=place: tenant.id(kind, place))
        for kind in kinds
        for place in range(EACH)
    ]


def _value(of: Any) -> Value:
    return Value(of(OWN), of(OTHER), of(UNKNOWN))


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).strip("_")


def whose(tenant: Tenant, key: str) -> dict[str, str]:
    """How a tenant presents itself, in the ways of all vendors at once."""
    return {"Authorization": f"Bearer {key}", "X-API-Key": key, "X-Organization-Id": tenant.alias}
