"""What is asked, in the words of each who answers: one document for the gateway and for stock Strawberry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson

from benchmarks.load import request
from benchmarks.peers import statements
from benchmarks.peers.statements import OVERVIEW_SUMS, SERIES_SUMS, SUMMARY_SUMS
from benchmarks.servers import BARE, ON_SQLITE, OURS, POSTGRAPHILE, STOCK
from benchmarks.world import END, KEYS, SLUG, World
from gateway.rest.explain import explain_url, stranger
from models.base import EPOCH

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FIRST = 50  # campaigns
SCOPE = "$start: DateTime!, $end: DateTime!"
PEER_SCOPE = "$organization: BigInt!, $start: Datetime!, $end: Datetime!"
PEER_SPAN = "organization: $organization, starts: $start, ends: $end"
WINDOW = "window: {between: {start: $start, end: $end}}"


@dataclass(frozen=True)
class Ask:
    """A request, and the server that it goes to; again and again with the first answer's ETag if `tagged`."""

    server: str
    request: bytes
    tagged: bool = False


@dataclass(frozen=True)
class Statement:
    """What PostgreSQL is asked by the bare handler."""

    text: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Question:
    """A question over [start, end); `shaped` makes the gateway's answer of PostGraphile's."""

    name: str
    about: str
    span: timedelta
    document: str
    route: str
    peer_document: str
    shaped: Callable[[Any], Any]
    statements: Callable[[World, datetime], tuple[Statement, ...]]
    connections: int = 8

    @property
    def asked(self) -> str:
        """The gateway's document."""
        return f"query ({SCOPE}) {{{self.document}}}"

    @property
    def between(self) -> dict[str, str]:
        """Its variables."""
        return {"start": stamp(END - self.span), "end": stamp(END)}

    def asks(self, world: World) -> dict[str, Ask]:
        """The question for each who answers, by the column that the answer belongs in."""
        scope = {"organization": world.organization, "first": FIRST, **self.between}
        ours = graphql(self.asked, self.between, KEYS[SLUG])
        theirs = {**self.between, "organization": str(world.organization)}
        return {
            BARE: Ask(BARE, request(f"/{self.route}?{urlencode(scope)}")),
            OURS: Ask(OURS, ours),
            ON_SQLITE: Ask(ON_SQLITE, ours),
            STOCK: Ask(STOCK, ours),
            POSTGRAPHILE: Ask(
                POSTGRAPHILE, graphql(f"query ({PEER_SCOPE}) {{{self.peer_document}}}", theirs)
            ),
        }

    def sql(self, world: World) -> tuple[Statement, ...]:
        """What the bare handler asks PostgreSQL."""
        return self.statements(world, END - self.span)

    def read(self, column: str, answer: bytes) -> Any:
        """The answer in the gateway's shape, its moments and numbers spelled in one way."""
        told = orjson.loads(answer)
        if isinstance(told, dict) and "errors" in told:
            raise RuntimeError(f"{column} answered {self.name} with {told['errors']}")
        data = told["data"] if column != BARE else told
        return canonical(self.shaped(data) if column == POSTGRAPHILE else data)


@dataclass(frozen=True)
class Shim:
    """A REST URL of a vendor, against the GraphQL question behind it: both are the gateway's."""

    name: str
    about: str
    url: str
    connections: int = 8

    def asks(self, _: World) -> dict[str, Ask]:
        """The twin as what it is held against."""
        meant = explain_url(f"GET {self.url}", stranger("UTC", END))
        return {
            BARE: Ask(OURS, graphql(meant.document, meant.variables, KEYS[SLUG])),
            OURS: Ask(OURS, request(self.url, key=KEYS[SLUG])),
        }

    def sql(self, _: World) -> tuple[Statement, ...]:
        """Nothing that the bare handler would ask."""
        return ()

    def read(self, column: str, answer: bytes) -> Any:
        """The values in the order of the buckets."""
        told = orjson.loads(answer)
        if column == BARE:
            return told["data"]["series"]["columns"]["value"]
        return [bucket["value"] for bucket in told["data"]["buckets"]]


@dataclass(frozen=True)
class Again:
    """A question whose answer may have been kept, against the bare handler, which makes it anew."""

    name: str
    about: str
    question: Question
    tagged: bool
    connections: int = 8

    def asks(self, world: World) -> dict[str, Ask]:
        """Posted as ever, or by a URL, as what has an ETag is."""
        asked, between = self.question.asked, self.question.between
        body = {"query": asked, "variables": orjson.dumps(between).decode()}
        ours = (
            request(f"/graphql?{urlencode(body)}", key=KEYS[SLUG], kept=True)
            if self.tagged
            else graphql(asked, between, KEYS[SLUG], kept=True)
        )
        ask = {name: Ask(name, ours, self.tagged) for name in (OURS, ON_SQLITE)}
        return {BARE: self.question.asks(world)[BARE], **ask}

    def sql(self, _: World) -> tuple[Statement, ...]:
        """Nothing more than the question itself."""
        return ()

    def read(self, column: str, answer: bytes) -> Any:
        """As the question is read."""
        return self.question.read(column, answer)


def stamp(at: datetime) -> str:
    """RFC 3339 with a Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def graphql(document: str, variables: dict[str, Any], key: str = "", kept: bool = False) -> bytes:
    """A request to /graphql."""
    body = orjson.dumps({"query": document, "variables": variables})
    return request("/graphql", body, key, kept=kept)


def canonical(told: Any) -> Any:
    """Moments in UTC with a Z, and whole numbers as numbers, which PostGraphile spells as texts."""
    if isinstance(told, dict):
        return {name: canonical(value) for name, value in told.items() if name != "__typename"}
    if isinstance(told, list):
        return [canonical(value) for value in told]
    if not isinstance(told, str):
        return told
    if told.lstrip("-").isdigit():
        return int(told)
    return stamp(datetime.fromisoformat(told)) if told[4:5] == "-" and told[10:11] == "T" else told


def fields(names: tuple[str, ...]) -> str:
    """A selection."""
    return " ".join(names)


def _days(sql: str) -> Callable[[World, datetime], tuple[Statement, ...]]:
    return lambda world, start: (
        Statement(sql, (world.organization, (start - EPOCH).days, (END - EPOCH).days)),
    )


def _minutes(sql: str) -> Callable[[World, datetime], tuple[Statement, ...]]:
    return lambda world, start: (
        Statement(
            sql,
            (
                world.organization,
                (start - EPOCH) // timedelta(minutes=1),
                (END - EPOCH) // timedelta(minutes=1),
            ),
        ),
    )


def _campaigns(world: World, start: datetime) -> tuple[Statement, ...]:
    ids = world.newest(FIRST)
    days = ((start - EPOCH).days, (END - EPOCH).days)
    return (
        Statement(statements.CAMPAIGNS, (world.organization, FIRST)),
        Statement(statements.SUMMARIES, (world.organization, ids)),
        Statement(statements.SERIES, (world.organization, ids, *days)),
    )


def _series(data: Any) -> Any:
    buckets = data["found"]
    return {"messageBuckets": {"total": sum(int(one["value"]) for one in buckets), "buckets": buckets}}


def _year(data: Any) -> Any:
    buckets = [{"start": one.pop("start"), "metrics": one} for one in data["found"]]
    return {"messageBuckets": {"buckets": buckets}}


def _week(data: Any) -> Any:
    return {"heatmap": {"total": sum(int(cell["value"]) for cell in data["found"]), "cells": data["found"]}}


def _page(data: Any) -> Any:
    edges = []
    for node in data["found"]:
        days = [{"start": day.pop("start"), "metrics": day} for day in node.pop("series")]
        edges.append({"node": {**node, "timeSeries": {"buckets": days}}})
    return {"campaigns": {"edges": edges}}


def _buckets(name: str, about: str, span: timedelta, width: str, connections: int = 8) -> Question:
    lists = {"DAY": ("days", _days(statements.DAYS)), "HOUR": ("hours", _minutes(statements.HOURS))}
    route, sql = lists[width]
    return Question(
        name,
        about,
        span,
        f"messageBuckets(metric: DELIVERED, granularity: {width}, {WINDOW}) "
        "{total buckets {start value}}",
        route,
        f"found: {route}List({PEER_SPAN}) {{start value}}",
        _series,
        sql,
        connections,
    )


OVERVIEW = Question(
    "overview",
    "overview: 12 totals of a month",
    30 * DAY,
    f"overview({WINDOW}) {{messages {{{fields(OVERVIEW_SUMS)} deliveryRate readRate}}}}",
    "overview",
    f"found: overview({PEER_SPAN}) {{{fields(OVERVIEW_SUMS)} deliveryRate readRate}}",
    lambda data: {"overview": {"messages": data["found"]}},
    _days(statements.TOTALS),
)
QUESTIONS: tuple[Question | Shim | Again, ...] = (
    OVERVIEW,
    Again("kept", "the overview once more, kept (÷ made by the bare handler)", OVERVIEW, tagged=False),
    Again("304", "the overview by its ETag, 304 (÷ made by the bare handler)", OVERVIEW, tagged=True),
    _buckets("b30", "30 buckets, by day", 30 * DAY, "DAY"),
    _buckets("b720", "720 buckets, by hour", 30 * DAY, "HOUR"),
    _buckets("b10k", "10,000 buckets, by hour", 10_000 * HOUR, "HOUR", connections=4),
    Question(
        "camps",
        "50 campaigns, each with summary and series",
        30 * DAY,
        f"campaigns(first: {FIRST}) {{edges {{node {{externalId name summary {{{fields(SUMMARY_SUMS)}}} "
        f"timeSeries(granularity: DAY, {WINDOW}) "
        f"{{buckets {{start metrics {{{fields(SERIES_SUMS)}}}}}}}}}}}}}",
        "campaigns",
        f"found: newestCampaignsList(organization: $organization, count: {FIRST}) "
        f"{{externalId name summary {{{fields(SUMMARY_SUMS)}}} "
        f"series: seriesList(starts: $start, ends: $end) {{start {fields(SERIES_SUMS)}}}}}",
        _page,
        _campaigns,
        connections=4,
    ),
    Shim(
        "rest",
        "a REST URL, 30 buckets (÷ the same in GraphQL)",
        f"/v1/metrics/messages?metric=delivered&granularity=day&from={stamp(END - 30 * DAY)}&to={stamp(END)}",
    ),
    Question(
        "heatmap",
        "heatmap of a month: 168 hours of the week",
        30 * DAY,
        f"heatmap(metric: DELIVERED, {WINDOW}) {{total cells {{weekday hour value}}}}",
        "heatmap",
        f"found: heatmapList({PEER_SPAN}) {{weekday hour value}}",
        _week,
        _minutes(statements.WEEK),
    ),
    Question(
        "year",
        "a year by day, two sums and a rate",
        365 * DAY,
        f"messageBuckets(metric: DELIVERED, granularity: DAY, {WINDOW}) "
        "{buckets {start metrics {logged delivered deliveryRate}}}",
        "year",
        f"found: yearList({PEER_SPAN}) {{start logged delivered deliveryRate}}",
        _year,
        _days(statements.YEAR),
    ),
)
