"""The examples in docs/vendors are what the gateway really answers, and their twins really their twins."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.gateway.rest.world import World, attempt, received, sent

DOCS = Path(__file__).parents[3] / "docs" / "vendors"
EXAMPLE = re.compile(
    r"```sh\ncurl [^\n]*\$URL(?P<url>/[^\"]*)\"\n```\s+```json\n(?P<answer>.*?)```"
    r"(?:\s+Its GraphQL twin:\s+```graphql\n(?P<document>.*?)```\s+```json\n(?P<variables>.*?)```)?",
    re.DOTALL,
)


async def evening(world: World) -> None:
    """The hours before midnight on 2026-05-05, as the docs tell of them."""
    hour = "2026-05-05T{}:00Z".format
    await world.take(
        *(sent(f"s{i}", hour(f"20:{i:02}"), cost_micros=7900) for i in range(12)),
        *(sent(f"m{i}", hour(f"20:3{i}"), channel="mms", cost_micros=21_000) for i in range(2)),
        *(sent(f"l{i}", hour(f"21:{i:02}"), cost_micros=7900) for i in range(9)),
        sent("n1", hour("23:10"), cost_micros=7900),
        *(received(f"i{i}", hour(f"21:{i:02}")) for i in range(3)),
        received("j1", hour("21:40"), channel="mms"),
        *(attempt(f"a{i}", hour(f"20:0{i}"), "retry", http_status=503) for i in range(2)),
        attempt("b1", hour("22:15"), "retry", http_status=503),
        attempt("b2", hour("22:20"), "retry", http_status=0),
    )
    await world.count_until("2026-05-05T23:59:43Z")


async def test_agentmessages_examples_are_real(world: World) -> None:
    await evening(world)
    examples = list(EXAMPLE.finditer((DOCS / "agentmessage.md").read_text(encoding="utf-8")))

    for example in examples:
        answer = await world.get(example["url"])
        assert _same(answer.json()) == _same(json.loads(example["answer"])), example["url"]
        if example["document"]:
            link = parse_qs(urlsplit(answer.headers["link"].partition(">")[0].strip("<")).query)
            assert _words(example["document"]) == _words(link["query"][0])
            assert json.loads(example["variables"]) == json.loads(link["variables"][0])

    assert [bool(example["document"]) for example in examples] == [True, False, True, True, False]


def _same(body: Any) -> Any:
    """The body without what is another each time."""
    if "error" in body:
        body["error"]["request_id"] = ""
    return body


def _words(document: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s,]", document)
