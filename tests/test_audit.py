"""`.ci/audit` against a service of known vulnerabilities that we run ourselves: it never passes for nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.test_house import ROOT

UV = shutil.which("uv") or shutil.which("uv", path=ROOT / ".tools" / "bin") or ""
WHEN = "2026-01-01T00:00:00Z"
pytestmark = pytest.mark.skipif(not UV, reason="no uv on this machine")


class Known(BaseHTTPRequestHandler):
    """What osv.dev answers: which of the packages have holes, and what each hole is."""

    bad = ""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
        hole = {"vulns": [{"id": "GHSA-test", "modified": WHEN}]}
        self._answer({"results": [hole if one["package"]["name"] == self.bad else {} for one in asked]})

    def do_GET(self) -> None:
        self._answer({"id": "GHSA-test", "modified": WHEN, "published": WHEN, "summary": "A hole"})

    def _answer(self, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


class Mad(Known):
    """Answers, but with what nobody can make anything of."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self._answer({"results": "none"})


@contextmanager
def knowing(bad: str, kind: type[Known] = Known) -> Generator[str]:
    """The address of a service that knows of a hole in this package."""
    handler = type("KnowingOne", (kind,), {"bad": bad})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def audited(url: str) -> tuple[int, str]:
    """How it ends and what it says."""
    environment = {**os.environ, "AUDIT_URL": url, "NO_PROXY": "127.0.0.1"}
    ended = subprocess.run(
        [ROOT / ".ci" / "audit", UV],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return ended.returncode, ended.stdout


def test_a_known_hole_fails_none_passes_with_a_number_and_no_network_proves_nothing() -> None:
    with knowing("nothing-we-use") as fine, knowing("orjson") as broken:
        passed, failed = audited(fine), audited(broken)
    away = audited("http://127.0.0.1:1/")

    code, said = passed
    assert code == 0 and said.startswith("Audit: ") and said.endswith("none with a known vulnerability.\n")
    assert int(said.split()[1]) > 50
    assert failed[0] == 1 and "orjson" in failed[1] and "A hole" in failed[1]
    assert away == (0, "Audit not done: Connection refused (os error 111).\n")


def test_an_audit_that_fails_for_any_reason_but_the_network_does_not_pass() -> None:
    with knowing("nothing-we-use", Mad) as mad:
        code, said = audited(mad)

    assert code != 0 and said.startswith("Audit failed: ")
