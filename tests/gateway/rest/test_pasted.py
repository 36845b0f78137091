"""Request lines, addresses and curl commands as the requests they stand for."""

from __future__ import annotations

import pytest

from gateway.rest.pasted import MOST, NO_URL, Pasted, pasted
from models.errors import InvalidInput

TRENDS, CAMPAIGNS = "/api/analytics/trends", (("metric", "campaigns"),)
BODY = '{"campaign_ids": ["a", "b"]}'


@pytest.mark.parametrize(
    "text",
    [
        "/api/analytics/trends?metric=campaigns",
        "api/analytics/trends?metric=campaigns",
        "https://api.vendor.example/api/analytics/trends?metric=campaigns#top",
        "https://user:secret@api.vendor.example:8443/api/analytics/trends?metric=campaigns",
        "localhost:8000/api/analytics/trends?metric=campaigns",
        "$URL/api/analytics/trends?metric=campaigns",
        "{{baseUrl}}/api/analytics/trends?metric=campaigns",
        "'/api/analytics/trends?metric=campaigns'",
        "/api/analytics/trends\n  ?metric=campaigns",
    ],
)
def test_an_address_is_its_path_and_query_on_whatever_host(text: str) -> None:
    assert pasted(text) == Pasted(None, TRENDS, CAMPAIGNS)


@pytest.mark.parametrize(
    "text",
    [
        "GET /api/analytics/trends?metric=campaigns",
        "get   {{baseUrl}}/api/analytics/trends?metric=campaigns",
        "GET\t/api/analytics/trends?metric=campaigns",
        "GET /api/analytics/trends?metric=campaigns HTTP/1.1\r\nHost: vendor\r\nAuthorization: Bearer secret\r\n",
        "curl https://vendor.example/api/analytics/trends?metric=campaigns",
        'curl ^"https://vendor.example/api/analytics/trends?metric=campaigns^" ^\n  -H ^"Cookie: a^%^&b^"',
        "$ curl -sS 'vendor.example/api/analytics/trends?metric=campaigns' | jq '.[0]'",
        "curl -G -d metric=campaigns https://vendor.example/api/analytics/trends",
        "curl --get --data-urlencode 'metric=campaigns' --url https://vendor.example/api/analytics/trends",
        "curl --url-query metric=campaigns https://vendor.example/api/analytics/trends -o out.json",
        "curl -XGET -H 'Authorization: Bearer secret' -u me:secret --compressed \\\n"
        "  -b session=secret 'https://vendor.example/api/analytics/trends?metric=campaigns' > out.json",
        '# as in our docs\nKEY=secret\nURL=http://127.0.0.1:8000\n\ncurl -H "Authorization: Bearer $KEY" '
        '"$URL/api/analytics/trends?metric=campaigns"',
    ],
)
def test_a_request_line_and_a_curl_command_name_the_method_too(text: str) -> None:
    assert pasted(text) == Pasted("GET", TRENDS, CAMPAIGNS)


@pytest.mark.parametrize(
    "text",
    [
        f"POST /compare {BODY}",
        f"POST /compare HTTP/2\nContent-Type: application/json\nAuthorization: Bearer secret\n\n{BODY}",
        f"curl -d '{BODY}' https://vendor.example/compare",
        f"curl --json '{BODY}' https://vendor.example/compare",
        f"curl -X POST -H 'Content-Type: application/json' --data-raw '{BODY}' https://vendor.example/compare",
        f"curl https://vendor.example/compare ^\n  --data-binary '{BODY}'",
    ],
)
def test_a_body_comes_along(text: str) -> None:
    assert pasted(text) == Pasted("POST", "/compare", (), BODY.encode())


def test_what_browsers_escape_in_a_body_is_read() -> None:
    copied = r"""curl /compare --data-raw $'{"campaign_ids": ["it\'s\u0021", "ü\u00e9\n"]}'"""

    assert pasted(copied).body.decode() == """{"campaign_ids": ["it's!", "üé\n"]}"""


@pytest.mark.parametrize(("options", "method"), [("-d ''", "POST"), ("-G -d ''", "GET"), ("-I", "HEAD")])
def test_the_method_is_what_curl_would_send(options: str, method: str) -> None:
    assert pasted(f"curl {options} https://vendor.example/a") == Pasted(method, "/a", ())


def test_what_is_escaped_is_read_as_a_server_reads_it() -> None:
    found = pasted("curl -G v.example/a%20b --data-urlencode 'start=2024-11-17 00:00:00' -d 'x=%2B&y=+'")

    assert found.path == "/a b"
    assert found.query == (("start", "2024-11-17 00:00:00"), ("x", "+"), ("y", " "))


def test_a_space_in_a_query_is_part_of_it() -> None:
    assert pasted("GET /a?start=2024-11-17 00:00:00&page=1").query == (
        ("start", "2024-11-17 00:00:00"),
        ("page", "1"),
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", NO_URL),
        ("good morning", NO_URL),
        ("see https://vendor.example/api/analytics/trends", NO_URL),
        ("curl -H 'Authorization: Bearer secret'", NO_URL),
        ("curl 'https://vendor.example/secret", "A quote of the curl line is not closed."),
        (r"curl /a -d $'\x'", "The curl line holds an escape that we cannot read."),
        ("curl /a /b", "Paste one request at a time."),
        ("curl -F file=@secret /a", "The curl line has an option that we cannot read: -F."),
        ("curl --upload secret /a", "The curl line has an option that we cannot read: --upload."),
        (
            "curl -d @secret.json /a",
            "The curl line reads its body from a file; paste what is in it instead.",
        ),
        ("/" + "a" * MOST, "That is more than 65536 characters; paste one request."),
    ],
)
def test_what_is_no_request_is_refused_in_a_sentence_that_repeats_nothing(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        pasted(text)

    assert refused.value.message == sentence


@pytest.mark.parametrize(
    "text", ["\n" * 60_000 + "x", "GET" + " " * 60_000 + "x", "#\n" * 30_000, "a=" * 30_000]
)
def test_long_nonsense_is_refused_at_once(text: str) -> None:
    with pytest.raises(InvalidInput):
        pasted(text)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("curl " + "-L " * 501 + "http://h/api/analytics/trends", "more than 500 words"),
        (r"curl $'\x' http://h/api/analytics/trends", "an escape that we cannot read"),
    ],
)
def test_a_line_that_is_no_request_of_a_person_is_refused(line: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        pasted(line)
