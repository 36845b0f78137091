"""The commands as an operator runs them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from gateway.cli import main
from gateway.demo import DEMO_KEYS
from resolvers.documents import document_id
from tests.ports import free_port
from tests.worlds import PATIENCE_S

RECORDS = b"""\
{"type": "organization", "id": "acme", "timezone": "America/New_York"}
{"type": "message", "organization": "acme", "id": "a", "created_at": "2026-05-05T10:00:00Z"}
{"type": "event", "organization": "acme", "message_id": "a"}
{"type": "message", "organization": "nobody", "id": "b", "created_at": "2026-05-05T10:00:00Z"}
"""


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it said."""

    returncode: int
    stdout: bytes
    stderr: bytes


def heliograph(*words: str, url: str | None = None, given: bytes = b"") -> Ran:
    """Run a command to its end, as the console script does."""
    out, err = (TextIOWrapper(BytesIO(), write_through=True) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["heliograph", *words])
        patch.setattr(sys, "stdin", TextIOWrapper(BytesIO(given)))
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        if url:
            patch.setenv("DATABASE_URL", url)
        with pytest.raises(SystemExit) as ended:
            main()
    said = [stream.buffer.getvalue() for stream in (out, err)]
    return Ran(int(ended.value.code or 0), *said)


def test_a_store_is_migrated_filled_and_given_keys_from_the_command_line(store_url: str) -> None:
    assert b"current" in heliograph("migrate", url=store_url).stdout

    taken = heliograph("ingest", "-", url=store_url, given=RECORDS)

    assert taken.returncode == 1  # two records were refused, and each is named
    assert b"2 records taken" in taken.stderr
    assert b"-:3: event: Field required (and 1 more)" in taken.stderr
    assert b"-:4: organization: there is no 'nobody'" in taken.stderr

    made = heliograph("keys", "create", "--organization", "acme", "--label", "test", url=store_url)
    key = made.stdout.decode().strip()
    prefix = key[: len("hg_live_") + 6]
    assert key.startswith("hg_live_")
    listed = heliograph("keys", "list", url=store_url).stdout.decode()
    assert prefix in listed
    assert key not in listed
    assert heliograph("keys", "revoke", prefix, url=store_url).returncode == 0
    assert b"revoked" in heliograph("keys", "list", url=store_url).stdout
    assert heliograph("rebuild", "acme", url=store_url).returncode == 0


def test_what_is_wrong_is_one_readable_line(sqlite_store_url: str) -> None:
    unknown = heliograph("keys", "create", "--organization", "nobody", url=sqlite_store_url)
    setting = heliograph("migrate", url="mysql://x")
    missing = heliograph("ingest", "nowhere.ndjson", url=sqlite_store_url)

    assert (unknown.returncode, unknown.stderr.count(b"\n")) == (2, 1)
    assert b"no organization 'nobody'" in unknown.stderr
    assert setting.stderr.startswith(b"heliograph: DATABASE_URL: ")
    assert b"There is no file 'nowhere.ndjson'" in missing.stderr


@pytest.mark.parametrize("left", [0, 4096])
def test_a_damaged_file_is_one_readable_line(sqlite_store_url: str, left: int) -> None:
    path = Path(sqlite_store_url.partition(":///")[2])
    path.write_bytes(path.read_bytes()[:left] + b"not a page of SQLite" * 1_000)

    started = heliograph("serve", url=sqlite_store_url)

    assert (started.returncode, started.stderr.count(b"\n")) == (2, 1)
    assert b"is damaged, or no SQLite database" in started.stderr


def test_the_demo_tells_its_keys_without_starting_anything() -> None:
    told = json.loads(heliograph("demo", "--keys").stdout)

    assert told["agentmessage"]["headers"] == {"Authorization": f"Bearer {DEMO_KEYS[0].key}"}
    assert told["agentmessage"]["ids"]["organization"] == "org_signalpost"
    assert told["messagesender"]["headers"] == DEMO_KEYS[1].headers
    assert told["messagesender"]["ids"] == DEMO_KEYS[1].ids


def test_the_schemas_are_printed() -> None:
    assert b"type Query" in heliograph("schema", "graphql").stdout
    assert "MessageRecord" in json.loads(heliograph("schema", "ingest").stdout)["$defs"]
    assert (
        "/v1/metrics/messages" in json.loads(heliograph("schema", "openapi", "agentmessage").stdout)["paths"]
    )
    assert b"there are agentmessage" in heliograph("schema", "openapi", "nobody").stderr
    assert heliograph("schema", "graphql", "--check").returncode == 0
    assert heliograph("docs", "--check").returncode == 0


def test_the_same_simulation_gives_the_same_bytes() -> None:
    words = ("simulate", "--events", "500", "--days", "3", "--end", "2026-05-05", "--seed", "3")

    assert heliograph(*words).stdout == heliograph(*words).stdout != b""


def test_documents_are_registered_listed_and_removed_from_the_command_line(
    store_url: str, tmp_path: Path
) -> None:
    text, wrong = "query Who { organization { slug } }", "{ nothere }"
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps({document_id(text): text}))
    bad.write_text(json.dumps({document_id(text): text, document_id(wrong): wrong}))

    refused = heliograph("documents", "add", str(bad), url=store_url)
    assert (refused.returncode, heliograph("documents", "list", url=store_url).stdout) == (2, b"")
    assert document_id(wrong).encode() in refused.stderr and b"'nothere'" in refused.stderr

    for number in (1, 0):
        told = heliograph("documents", "add", str(good), "--label", "web@1", url=store_url).stdout
        assert told == f"{number} registered, {1 - number} were registered already.\n".encode()
    [line] = heliograph("documents", "list", url=store_url).stdout.decode().splitlines()
    assert line.startswith(f"{document_id(text)}  ") and line.endswith("  web@1")

    assert heliograph("documents", "remove", document_id(text), url=store_url).returncode == 0
    again = heliograph("documents", "remove", document_id(text), url=store_url)
    assert (again.returncode, b"no registered document" in again.stderr) == (2, True)


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_server_that_is_not_migrated_says_what_to_do(command: str, postgres_url: str) -> None:
    answer = heliograph(command, url=postgres_url)

    assert answer.returncode == 2
    assert b"heliograph migrate" in answer.stderr


def test_serving_answers_counts_and_ends_in_good_order(sqlite_store_url: str) -> None:
    heliograph("ingest", "-", url=sqlite_store_url, given=RECORDS)
    key = heliograph("keys", "create", "--organization", "acme", url=sqlite_store_url).stdout.decode().strip()
    port = free_port()
    environment = {**os.environ, "DATABASE_URL": sqlite_store_url, "PORT": str(port)}
    server = subprocess.Popen(
        [sys.executable, "-m", "gateway.cli", "serve"], env=environment, stderr=subprocess.PIPE
    )
    try:
        found = _ask(
            port,
            key,
            '{ messageBuckets(window: {days: {first: "2026-05-05", last: "2026-05-05"}}) { total } }',
        )
        server.send_signal(signal.SIGTERM)
        _, log = server.communicate(timeout=PATIENCE_S)
    finally:
        server.kill()

    assert found["data"] == {"messageBuckets": {"total": 1}}
    assert server.returncode in (0, -signal.SIGTERM)
    lines = [json.loads(line) for line in log.splitlines()]
    asked = next(line for line in lines if line.get("path") == "/graphql")
    assert (asked["status"], asked["organization"], len(asked["request_id"])) == (200, "acme", 26)
    assert key.encode() not in log


def _ask(port: int, key: str, query: str) -> dict[str, Any]:
    """The answer, as soon as the server is up."""
    body = json.dumps({"query": query}).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    for _ in range(200):
        try:
            with urlopen(
                Request(f"http://127.0.0.1:{port}/graphql", body, headers), timeout=PATIENCE_S
            ) as answer:
                return json.load(answer)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("The server did not come up.")
