"""`heliograph explain-url`, as somebody runs it who has no store."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from graphql import parse

from gateway.docs import ROOT
from resolvers.documents import document_id
from tests.gateway.test_cli import heliograph

TRENDS = "GET /api/analytics/trends?metric=campaigns&endDate=2026-05-05"


def test_it_prints_the_document_the_variables_and_a_command_that_asks() -> None:
    ran = heliograph("explain-url", TRENDS)

    about, summary, document, variables, curl = re.split(r"\n\n|\n(?=# M)", ran.stdout.decode())
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert about == "# MessageSender analytics: GET /api/analytics/trends"
    assert summary == "# Message and campaign trends"
    assert document.startswith("query MessageSenderTrends(") and parse(document)
    asked = json.loads(variables)
    assert asked["window"] == {"between": {"start": "2026-04-05T00:00:00Z", "end": "2026-05-05T00:00:00Z"}}
    words = shlex.split(curl)
    assert words[:3] == ["curl", "-H", "Authorization: Bearer $KEY"]
    assert "http://127.0.0.1:8000/graphql" in words
    assert json.loads(words[words.index("-d") + 1])["variables"] == asked


def test_as_json_it_is_what_the_gateway_answers() -> None:
    told = json.loads(heliograph("explain-url", "--json", TRENDS).stdout)

    assert list(told) == ["vendor", "method", "path", "summary", "document", "variables", "documentId"]
    assert (told["vendor"], told["documentId"]) == ("messagesender", document_id(told["document"]))


def test_the_zone_is_utc_or_the_one_that_is_named() -> None:
    words = ("explain-url", "--json", "/v1/brands/7/analytics/messages?start=2026-05-01")

    plain, local = (heliograph(*words, *more) for more in ((), ("--timezone", "Europe/Madrid")))

    starts = [json.loads(ran.stdout)["variables"]["window"]["between"]["start"] for ran in (plain, local)]
    assert starts == ["2026-05-01T00:00:00Z", "2026-04-30T22:00:00Z"]


def test_a_curl_line_may_come_from_standard_input() -> None:
    line = b"curl -H 'Authorization: Bearer secret' \\\n  https://v.example/v1/metrics/messages?metric=sent\n"

    ran = heliograph("explain-url", "-", given=line)

    assert b"# AgentMessage metrics: GET /v1/metrics/messages\n" in ran.stdout
    assert b"secret" not in ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["/api/analytics/trends?metric=money"], "metric must be 'messages' or 'campaigns'."),
        (["hello", "world"], "There is no URL in this."),
        (["/api/analytics/trends", "--timezone", "Mars"], "'Mars' is not an IANA time zone"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(words: list[str], sentence: str) -> None:
    ran = heliograph("explain-url", *words)

    assert (ran.returncode, ran.stdout) == (2, b"")
    assert ran.stderr.decode().startswith(f"heliograph: {sentence}")
    assert ran.stderr.count(b"\n") == 1


def test_its_help_teaches_by_examples_that_run() -> None:
    help = heliograph("explain-url", "--help").stdout.decode()

    examples = [
        line.strip() for line in help.splitlines() if line.strip().startswith("heliograph explain-url")
    ]
    assert len(examples) == 3
    for line in examples:
        assert heliograph(*shlex.split(line)[1:]).returncode == 0


def test_the_page_about_it_shows_what_it_prints() -> None:
    page = (ROOT / "docs" / "explain-url.md").read_text(encoding="utf-8")
    command, told = re.findall(r"```sh\n(heliograph [^\n]*)\n```\n\n```text\n(.*?)```", page, re.DOTALL)[0]

    assert heliograph(*shlex.split(command)[1:]).stdout.decode() == told
    for line in re.findall(r"^heliograph explain-url .*", page, re.MULTILINE):
        assert heliograph(*shlex.split(line)[1:]).returncode == 0
