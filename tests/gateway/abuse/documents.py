"""Bodies for `/graphql` that ask for too much, or for what cannot be: by name, as they are sent."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import orjson

MONTH = "window: {last: {count: 30, unit: DAY}}"
LIFETIME = "window: {lifetime: {}}"
EXPORT = "createExport(input: {source: {campaigns: {}}})"
TYPENAME = b'{"query": "{ __typename }"'


def times(count: int, text: str) -> str:
    """The text so many times, each with its number in the place of '#'."""
    return " ".join(text.replace("#", str(number)) for number in range(count))


def doubled(levels: int) -> str:
    """Fragments that each spread the next one twice."""
    links = times(levels, "fragment F# on Query { ...G# ...G# } fragment G# on Query { ...F!#! }")
    for number in range(levels):
        links = links.replace(f"!{number}!", str(number + 1))
    return f"{{ ...F0 }} {links} fragment F{levels} on Query {{ __typename }}"


# documents without variables
DOCUMENTS = {
    "31 aliases": f"{{ {times(31, 'a#: __typename')} }}",
    "301 aliases": f"{{ {times(301, 'a#: __typename')} }}",
    "30 lifetimes by day": f"{{ {times(30, f'a#: messageBuckets({LIFETIME}, granularity: DAY) {{ total }}')} }}",
    "100 lifetimes by hour": f"{{ {times(100, f'a#: messageBuckets({LIFETIME}, granularity: HOUR) {{ total }}')} }}",
    "60 heatmaps": f"{{ {times(60, 'a#: heatmap(window: {last: {count: #1, unit: DAY}}) { total }')} }}",
    "100 exports": f"mutation {{ {times(100, f'a#: {EXPORT} {{ id }}')} }}",
    "pages of pages": f"{{ campaigns(first: 100) {{ edges {{ node {{ timeSeries(granularity: MINUTE, {MONTH}) "
    "{ buckets { start } } } } } }",
    "thirty levels": "{" + "a{" * 30 + "b" + "}" * 30 + "}",
    "an introspection of introspections": "{ __schema { types "
    + "{ fields { type " * 5
    + "{ name }"
    + "} }" * 5
    + "} }",
    "types of types": "{ __schema { types { "
    + "fields { type { possibleTypes { " * 3
    + "name"
    + " } } }" * 3
    + "} } }",
    "the schema beside data": "{ organization { slug } __schema { types { fields { args { type { name } } } } } }",
    "fragments doubled 18 times": doubled(18),
    "fragments doubled 28 times": doubled(28),
    "fragments doubled 200 times": doubled(200),
    "two fragments in a circle": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "a fragment that spreads itself": "{ ...A } fragment A on Query { ...A }",
    "200 fragments nobody spreads": "{ __typename } " + times(200, "fragment F# on Query { __typename }"),
    "a fragment with a name of the system": "{ ...__schema } fragment __schema on Query { __typename }",
    "300 inline fragments deep": "{" + "... {" * 300 + "__typename" + "}" * 301,
    "300 inline fragments wide": "{" + "... { __typename } " * 300 + "}",
    "one object 150 times": "{" + "overview { messages { logged } } " * 150 + "}",
    "one name for 120 different fields": "{" + times(120, 'x: heatmap(timezone: "#") { total }') + "}",
    "100 fragments of the same": "{"
    + times(100, "...F#")
    + "}"
    + times(100, "fragment F# on Query { overview { timezone } }"),
    "400 directives": "{ __typename " + "@skip(if: false) " * 400 + "}",
    "400 unknown directives": "{ __typename " + "@a " * 400 + "}",
    "500 variables": "query(" + times(500, "$v#: Int") + ") { __typename }",
    "200 operations": times(200, "query Q# { __typename }"),
    "two operations and no name": "query A { __typename } query B { __typename }",
    "an operation without a name beside one": "{ __typename } query B { __typename }",
    "1,500 values in a list": '{ messageBuckets(filter: {channel: ["a"' + ', "a"' * 1500 + "]}) { total } }",
    "three groupings": "{ messageBuckets(groupBy: [CHANNEL, DIRECTION, COUNTRY]) { total } }",
    "groups of each recipient and moment": f"{{ messageBuckets({LIFETIME}, granularity: HOUR, "
    "groupBy: [TO_ADDRESS, CREATED_AT]) { total buckets { groups { key } } } }",
    "a subscription by POST": "subscription { bucketsChanged { total } }",
    "nothing": "",
    "blanks": " \n ",
    "a comment": "# nothing",
    "a NUL": "{ a\0 }",
    "a byte order mark": "\ufeff{ __typename }",
    "a text without an end": '{ campaign(id: "',
    "a text of 10,000 lines": '{ campaign(id: """' + "a\n" * 10_000 + '""") { name } }',
    "half a character": '{ campaign(id: "\\ud800") { name } }',
    "a character beyond all": '{ campaign(id: "\\u{110000}") { name } }',
    "a number of 5,000 digits": "{ messageBuckets(first: " + "9" * 5_000 + ") { total } }",
    "a number beyond all": "{ messageBuckets(first: 1e999999) { total } }",
    "a number with zeros before it": "{ messageBuckets(first: 007) { total } }",
    "500 objects deep": "{ messageBuckets(filter: " + "{a: " * 500 + "1" + "}" * 500 + ") { total } }",
    "900 lists deep": "{ messageBuckets(filter: {channel: " + "[" * 900 + "]" * 900 + "}) { total } }",
    "names that are nearly right": "{ messageBucketz { total } campaing { name } }",
    "a name of 20,000 letters": "{ " + "m" * 20_000 + " }",
    "300 unknown arguments": "{ messageBuckets(" + times(300, "a#: 1") + ") { total } }",
    "300 unknown fields of an input": "{ messageBuckets(filter: {" + times(300, "a#: 1") + "}) { total } }",
    "900 unknown fields": "{" + times(900, "e#") + "}",
    "100 wrong zones": "{" + times(100, 'a#: messageBuckets(timezone: "x#") { total }') + "}",
    "200 campaigns that are not": "{" + times(200, 'a#: campaign(id: "x#") { name }') + "}",
    "an export of nothing": "mutation { createExport(input: {source: {}}) { id } }",
    "an extension of the schema": "extend type Query { a: Int }",
    "a schema": "type Query { a: Int }",
    "100 deferred parts": "{" + times(100, "... @defer { a#: overview { timezone } }") + "}",
    "a streamed list": "{ campaigns { edges @stream { cursor } } }",
    "20 years by minute": "{ messageBuckets(granularity: MINUTE, window: {between: "
    '{start: "2005-01-01T00:00:00Z", end: "2025-01-01T00:00:00Z"}}) { total } }',
    "ten thousand years by hour": "{ messageBuckets(granularity: HOUR, window: {between: "
    '{start: "0001-01-02T00:00:00Z", end: "9999-12-30T00:00:00Z"}}) { total } }',
}
ZONES = (
    "",
    "UTC0",
    "utc",
    "Europe/Berlin ",
    "localtime",
    "posixrules",
    "../etc/passwd",
    "Etc/GMT+25",
    "A" * 5_000,
)
MORE_ZONES = ("İstanbul", "Europe/Berlin\n", "right/UTC", "posix/UTC", "Factory", "Europe", "zone.tab", "\0")
DAYS = (
    "2025-02-30",
    "0000-00-00",
    "2025-W16-7",
    "20250420",
    "2025-4-2",
    "-001-01-01",
    "10000-01-01",
    " 2025-04-20",
)
MORE_DAYS = ("٢٠٢٥-٠٤-٢٠", "", "2025-04-20T00:00:00Z", "\0", 20250420, None, [], {}, True)
MOMENTS = (
    "2025-04-20",
    "2025-04-20T10",
    "2025-04-20 10:00:00Z",
    "2025-04-20T10:00:00",
    "2025-04-20T24:00:00Z",
)
MORE_MOMENTS = (
    "2025-04-20T10:00:00+25:00",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "\0",
    1e300,
)
NUMBERS = (2**31, 2**63, 2**70, -1, 0, 1.5, "5", "1_000", True, None, [1], 1e10, -(2**31), 1e300)
IDS = (
    "",
    "x",
    "Campaign:",
    "Q2FtcGFpZ246MQ==",
    "Message:1",
    "Campaign:" + "a" * 10_000,
    "Nope:1",
    ":::::",
    5,
    1.5,
)
MORE_IDS = (
    "Campaign:\0",
    "Campaign:' OR 1=1 --",
    "Campaign:%",
    "Export:1",
    "Campaign:../../x",
    "Campaign:\ud83d",
)
TEXTS = (
    "x'",
    '"',
    "\\",
    "\u2028",
    "😀",
    "%",
    "_",
    "{}",
    ":x",
    "%s",
    "$1",
    "?",
    "';--",
    "\u202e",
    "a" * 200_000,
)
# a document with one variable, its type, and values that do not fit or say nothing
VALUES: tuple[tuple[str, str, Iterable[Any]], ...] = (
    ("String", "{ messageBuckets(timezone: $v) { total } }", (*ZONES, *MORE_ZONES)),
    ("Date!", "{ messageBuckets(window: {days: {first: $v, last: $v}}) { total } }", (*DAYS, *MORE_DAYS)),
    (
        "DateTime!",
        '{ messageBuckets(window: {between: {start: $v, end: "2025-05-01T00:00:00Z"}}) { total } }',
        (*MOMENTS, *MORE_MOMENTS),
    ),
    ("Int!", "{ messageBuckets(first: $v) { total } campaigns(first: $v) { totalCount } }", NUMBERS),
    ("Int!", "{ messageBuckets(window: {last: {count: $v, unit: YEAR}}) { total } }", NUMBERS),
    ("ID!", "{ campaign(id: $v) { name } node(id: $v) { id } }", (*IDS, *MORE_IDS)),
    (
        "String",
        "{ messageBuckets(after: $v) { total } }",
        ("", "x", "a.b.c", "A" * 3_000, "WyJ4Il0.xxxx", "\0"),
    ),
    ("String!", "{ messageBuckets(filter: {channel: [$v], ofContact: {city: [$v]}}) { total } }", TEXTS),
    ("String!", '{ contactBuckets(filter: {custom: [{name: $v, values: ["x"]}]}) { total } }', TEXTS),
    ("String!", "{ campaigns(filter: {search: $v}) { totalCount } }", TEXTS),
    (
        "[String!]",
        "{ messageBuckets(filter: {channel: $v}) { total } }",
        ([f"c{i}" for i in range(20_000)], "c"),
    ),
    (
        "[CustomFieldFilter!]",
        "{ messageBuckets(filter: {ofContact: {custom: $v}}) { total } }",
        (
            [{"name": f"a{i}", "values": ["x"]} for i in range(30)],
            [{"name": "a\0", "values": ["\0"]}],
            {},
            [[]],
        ),
    ),
)
# bodies that are no request, or hardly one
BODIES = {
    "a batch": b'[{"query": "{ __typename }"}]',
    "a batch of 3,000": b"[" + b",".join([TYPENAME + b"}"] * 3_000) + b"]",
    "null": b"null",
    "a number": b"1",
    "nothing at all": b"",
    "a query that is null": b'{"query": null}',
    "a query that is a list": b'{"query": ["{ a }"]}',
    "variables as a text": TYPENAME + b', "variables": "{}"}',
    "extensions as a text": TYPENAME + b', "extensions": "x"}',
    "a hash that is none": b'{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "zz"}}}',
    "a hash that is a number": b'{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": 5}}}',
    "a hash in a list": b'{"extensions": {"persistedQuery": []}}',
    "an id of 100,000 letters": b'{"documentId": "' + b"a" * 100_000 + b'"}',
    "a NUL in an id": b'{"documentId": "a\\u0000"}',
    "a NUL in a name": b'{"query": "query A { __typename }", "operationName": "\\u0000"}',
    "an operation that is not there": b'{"query": "query A { __typename }", "operationName": "B"}',
    "a NUL in a variable's name": TYPENAME + b', "variables": {"\\u0000": 1}}',
    "100,000 numbers": TYPENAME + b', "variables": {"a": [' + b"1," * 100_000 + b"1]}}",
    "900 objects deep": TYPENAME + b', "variables": {"a": ' + b'{"a": ' * 900 + b"1" + b"}" * 900 + b"}}",
    "20,000 objects deep": TYPENAME
    + b', "variables": {"a": '
    + b'{"a": ' * 20_000
    + b"1"
    + b"}" * 20_000
    + b"}}",
    "900 lists in extensions": TYPENAME + b', "extensions": {"a": ' + b"[" * 900 + b"]" * 900 + b"}}",
    "a number of 5,000 digits": TYPENAME + b', "variables": {"a": ' + b"9" * 5_000 + b"}}",
    "not a number": TYPENAME + b', "variables": {"a": NaN}}',
    "half a character": TYPENAME + b', "variables": {"a": "\\ud800"}}',
    "bytes of no alphabet": b'{"query": "\xff\xfe"}',
    "one name twice": b'{"query": "{ a }", "query": "{ __typename }"}',
}


def unwieldy() -> dict[str, bytes]:
    """What is too much, or no request at all."""
    return {name: orjson.dumps({"query": text}) for name, text in DOCUMENTS.items()} | BODIES


def unfit() -> dict[str, bytes]:
    """Values that do not fit, or say nothing."""
    told = {}
    for kind, text, values in VALUES:
        for place, value in enumerate(values):
            query = f"query($v: {kind}) {text}"
            told[f"{query[:70]} {place}"] = _written({"query": query, "variables": {"v": value}})
    return told


def _written(body: dict[str, Any]) -> bytes:
    """As JSON that our own library would not write: half characters and numbers of any size."""
    return json.dumps(body).encode()
