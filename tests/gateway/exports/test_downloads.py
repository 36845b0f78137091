"""Files handed out by signed links: whole, in parts, and not at all."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest

from gateway.app import secret_of
from gateway.exports.ranges import Unsatisfiable, wanted
from resolvers.exports.requests import find_export
from resolvers.links import Links
from tests.gateway.exports.asking import exported, looked, made, requested
from tests.house import NOW, House, open_house

LINES = 4  # three messages and their names


def altered(link: str, path: str | None = None, **said: str) -> str:
    """The link with something else in its place."""
    parts = urlsplit(link)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | said
    return f"{path or parts.path}?{urlencode(query)}"


async def test_a_link_hands_the_file_out_to_whoever_has_it(stocked: House, key: str) -> None:
    file = await exported(stocked, key, messages={})
    response = await stocked.client.get(file.export["downloadUrl"])

    assert response.content == file.body
    assert file.body.count(b"\r\n") == LINES
    assert file.export["bytes"] == len(file.body)
    assert file.export["sha256"] == sha256(file.body).hexdigest()
    told = response.headers
    assert told["content-type"] == "text/csv; charset=utf-8"
    assert told["content-disposition"] == 'attachment; filename="messages-2026-05-06.csv"'
    assert told["content-length"] == str(len(file.body))
    assert told["etag"] == f'"{file.export["sha256"]}"'
    assert told["accept-ranges"] == "bytes"
    assert told["x-content-type-options"] == "nosniff"
    assert told["cache-control"].startswith("private")
    assert parsedate_to_datetime(told["last-modified"]) == NOW


async def test_head_says_the_same_without_the_file(stocked: House, key: str) -> None:
    file = await exported(stocked, key, messages={})
    whole = await stocked.client.get(file.export["downloadUrl"])

    head = await stocked.client.head(file.export["downloadUrl"], headers={"Range": "bytes=0-1"})

    assert (head.status_code, head.content) == (200, b"")
    drop = {"x-request-id"}
    assert {k: v for k, v in head.headers.items() if k not in drop} == {
        k: v for k, v in whole.headers.items() if k not in drop
    }


PARTS = (
    ("bytes=0-9", slice(0, 10)),
    ("bytes=10-", slice(10, None)),
    ("bytes=-7", slice(-7, None)),
    ("bytes=5-99999999", slice(5, None)),
    ("bytes=-99999999", slice(0, None)),
)


async def test_a_part_of_the_file(stocked: House, key: str) -> None:
    file = await exported(stocked, key, messages={})

    for asked, part in PARTS:
        response = await stocked.client.get(file.export["downloadUrl"], headers={"Range": asked})

        start, end, _ = part.indices(len(file.body))
        assert response.status_code == 206, asked
        assert response.content == file.body[part], asked
        assert response.headers["content-range"] == f"bytes {start}-{end - 1}/{len(file.body)}", asked
        assert response.headers["content-length"] == str(end - start), asked


NO_RANGES = ("bytes=9-5", "bytes=0-1,4-5", "lines=1-2", "bytes=-", "bytes=x-", "bytes=٣-")


async def test_what_is_no_range_is_answered_with_the_whole(stocked: House, key: str) -> None:
    file = await exported(stocked, key, messages={})

    for asked in NO_RANGES:
        response = await stocked.client.get(file.export["downloadUrl"], headers={b"Range": asked.encode()})

        assert (response.status_code, response.content) == (200, file.body), asked


BEHIND = ("bytes=99999999-", "bytes=-0")


async def test_a_part_behind_the_end_is_refused(stocked: House, key: str) -> None:
    file = await exported(stocked, key, messages={})

    for asked in BEHIND:
        response = await stocked.client.get(file.export["downloadUrl"], headers={"Range": asked})

        assert response.status_code == 416, asked
        assert response.headers["content-range"] == f"bytes */{len(file.body)}", asked
        assert response.headers["content-type"] == "application/problem+json", asked


async def test_a_resumed_download_is_of_the_same_file_or_starts_again(stocked: House, key: str) -> None:
    file = await exported(stocked, key, messages={})
    etag = f'"{file.export["sha256"]}"'

    async def resumed(if_range: str) -> int:
        headers = {"Range": "bytes=5-", "If-Range": if_range}
        return (await stocked.client.get(file.export["downloadUrl"], headers=headers)).status_code

    assert await resumed(etag) == 206
    assert await resumed("Wed, 06 May 2026 00:00:00 GMT") == 206
    assert await resumed('"another"') == 200
    assert await resumed(f"W/{etag}") == 200
    assert await resumed("Wed, 06 May 2026 00:00:01 GMT") == 200


TAGS = (["{etag}"], ['"x", W/{etag}'], ["*"], ['"x"', "{etag}"])


async def test_who_has_the_file_already_is_told_so(stocked: House, key: str) -> None:
    file = await exported(stocked, key, messages={})

    for tags in TAGS:
        headers = [("If-None-Match", tag.format(etag=f'"{file.export["sha256"]}"')) for tag in tags]

        response = await stocked.client.get(file.export["downloadUrl"], headers=headers)

        assert (response.status_code, response.content) == (304, b""), tags


async def test_a_link_that_is_not_ours_leads_nowhere(stocked: House, key: str) -> None:
    await stocked.take({"type": "organization", "id": "rival"})
    theirs = (await exported(stocked, await stocked.key("rival"), messages={})).export
    link = (await exported(stocked, key, messages={})).export["downloadUrl"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    path = urlsplit(link).path
    flipped = query["signature"][:-1] + ("0" if query["signature"][-1] != "0" else "1")

    links = [
        altered(link, expires=str(int(query["expires"]) + 1)),
        altered(link, expires=f"0{query['expires']}"),
        altered(link, expires=""),
        altered(link, organization=str(int(query["organization"]) + 1)),
        altered(link, organization=f"{query['organization']} "),
        altered(link, organization="٧"),
        altered(link, signature=flipped),
        altered(link, signature=query["signature"].upper()),
        altered(link, signature=""),
        altered(link, signature="ü" * 64),
        altered(link, path=f"/exports/{theirs['externalId']}.csv"),
        altered(link, path=path.replace(".csv", ".json")),
        altered(link, path=path.replace(".csv", "")),
        altered(link, path=path.replace(".csv", "-1.csv")),
        altered(link, path="/exports/..%2F..%2Fetc%2Fpasswd"),
        altered(link, path="/exports/%2Fetc%2Fpasswd"),
        altered(link, path="/exports/exp_%00"),
        path,
    ]
    for one in links:
        response = await stocked.client.get(one)
        assert response.status_code == 404, one
        assert response.json()["code"] == "NOT_FOUND"
        assert response.headers["content-type"] == "application/problem+json"
    assert (await stocked.client.get(link)).status_code == 200
    assert (await stocked.client.post(link)).status_code == 405


async def test_a_link_ends_with_its_export_to_the_microsecond(stocked: House, key: str) -> None:
    export = await made(stocked, key, messages={})
    assert export["expiresAt"] == "2026-05-06T01:00:00Z"  # an hour after it was completed

    stocked.now = NOW + timedelta(hours=1) - timedelta(microseconds=1)
    assert (await stocked.client.get(export["downloadUrl"])).status_code == 200
    assert (await looked(stocked, key, export["id"]))["downloadUrl"] == export["downloadUrl"]

    stocked.now = NOW + timedelta(hours=1)
    response = await stocked.client.get(export["downloadUrl"])
    assert (response.status_code, response.json()["code"]) == (410, "LINK_EXPIRED")
    assert (await looked(stocked, key, export["id"]))["downloadUrl"] is None


async def test_a_signed_link_to_what_is_not_done_or_gone_leads_nowhere(stocked: House, key: str) -> None:
    done = await made(stocked, key, messages={})
    waits = await requested(stocked, key, messages={})
    store = stocked.store
    links = Links(await secret_of(stocked.gateway.settings, store))
    organization = await stocked.organization("acme")
    async with store.reading() as db:
        row = await find_export(db, organization.id, done["externalId"])
    assert row is not None
    row.id = waits["externalId"]

    async def status(link: str | None) -> int:
        assert link is not None
        return (await stocked.client.get(link)).status_code

    assert await status(links.to(row, NOW)) == 404
    row.id = "exp_" + "0" * 22
    assert await status(links.to(row, NOW)) == 404
    for file in stocked.folder.iterdir():
        file.unlink()
    assert await status(done["downloadUrl"]) == 410


@pytest.mark.parametrize(
    ("public_url", "host", "start"),
    [
        (None, "gateway", "/exports/exp_"),
        (None, "127.0.0.1:8000", "http://127.0.0.1:8000/exports/exp_"),
        (None, "evil.example", "/exports/exp_"),
        ("https://metrics.example.com/", "evil.example", "https://metrics.example.com/exports/exp_"),
    ],
)
async def test_links_begin_with_an_address_that_is_known_and_never_with_one_made_up(
    store_url: str, public_url: str | None, host: str, start: str
) -> None:
    async with open_house(store_url, public_url=public_url) as house:
        await house.take({"type": "organization", "id": "acme"})
        key = await house.key("acme")
        export = await made(house, key, campaigns={})

        response = await house.client.post(
            "/graphql",
            json={"query": f'{{ export(id: "{export["id"]}") {{ downloadUrl }} }}'},
            headers={"Authorization": f"Bearer {key}", "Host": host, "X-Forwarded-Host": "evil.example"},
        )

    assert response.json()["data"]["export"]["downloadUrl"].startswith(start)


async def test_a_big_file_comes_in_chunks(stocked: House, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.exports.downloads.CHUNK", 100)
    file = await exported(stocked, key, messages={})

    async with stocked.client.stream("GET", file.export["downloadUrl"]) as response:
        chunks = [chunk async for chunk in response.aiter_raw()]

    assert b"".join(chunks) == file.body
    assert isinstance(response, httpx2.Response)


@pytest.mark.parametrize(
    ("header", "size", "part"),
    [("bytes=0-0", 1, (0, 1)), ("BYTES=0-", 5, (0, 5)), ("bytes=4-4", 5, (4, 5)), ("", 5, None)],
)
def test_ranges_are_read(header: str, size: int, part: Any) -> None:
    assert wanted(header, size) == part


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=-5", "bytes=0-0"])
def test_an_empty_file_has_no_parts(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        wanted(header, 0)
