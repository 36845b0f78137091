"""`.ci/audit` against services of known vulnerabilities that we run ourselves: it never passes for nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.test_house import ROOT

UV = shutil.which("uv") or shutil.which("uv", path=ROOT / ".tools" / "bin") or ""
NOWHERE = "http://127.0.0.1:1/"
PINS = re.findall(r"^(\S+)==([^\s;]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
NEWEST = {**dict(PINS), "orjson": "99.0", "uvicorn": "99.0"}
AT_PYPI = (sys.executable, ".ci/advisories.py")
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


class Index(Known):
    """What PyPI answers: its pages of projects are of the newest releases, and ours of orjson is not.

    Only of uvicorn it has a page of each release; its newest is not ours either."""

    def do_GET(self) -> None:
        match self.path.split("/"):
            case ["", "pypi", name, "json"]:
                hole = [{"id": "GHSA-test", "withdrawn": None}] if name == self.bad else []
                gone = {"id": "GHSA-gone", "withdrawn": WHEN}
                self._answer({"info": {"version": NEWEST[name]}, "vulnerabilities": [*hole, gone]})
            case ["", "pypi", "uvicorn", version, "json"]:
                self._answer({"info": {"version": version}, "vulnerabilities": []})
            case _:
                self.send_error(404)


@contextmanager
def knowing(bad: str, kind: type[Known] = Known) -> Generator[str]:
    """The address of a service that knows of a hole in this package."""
    handler = type("KnowingOne", (kind,), {"bad": bad})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def audited(url: str, index: str = NOWHERE, by: tuple[str, ...] = (".ci/audit", UV)) -> tuple[int, str]:
    """How it ends and what it says."""
    environment = {**os.environ, "AUDIT_URL": url, "PYPI_URL": index, "NO_PROXY": "127.0.0.1"}
    ended = subprocess.run(
        by,
        cwd=ROOT,
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
    away = audited(NOWHERE)

    code, said = passed
    assert code == 0 and said.startswith("Audit: ") and said.endswith("none with a known vulnerability.\n")
    assert int(said.split()[1]) > 50
    assert failed[0] == 1 and "orjson" in failed[1] and "A hole" in failed[1]
    assert away == (0, "Audit not done: Connection refused (os error 111).\n")


def test_an_audit_that_fails_for_any_reason_but_the_network_does_not_pass() -> None:
    with knowing("nothing-we-use", Mad) as mad:
        code, said = audited(mad)

    assert code != 0 and said.startswith("Audit failed: ")


def test_where_only_pypi_can_be_reached_it_is_asked_and_what_it_does_not_tell_of_is_named() -> None:
    with knowing("nothing-we-use", Index) as fine, knowing("starlette", Index) as broken:
        passed, failed = audited(NOWHERE, fine), audited(NOWHERE, broken)

    told, missing = passed[1].splitlines()
    older = [f"{name} {version}" for name, version in PINS if NEWEST[name] != version and name != "uvicorn"]
    assert (passed[0], told) == (
        0,
        f"Audit at PyPI: {len(PINS) - len(older)} packages, none with a known vulnerability.",
    )
    assert missing.endswith(f"nothing of them: {', '.join(older)}.")
    assert failed[0] == 1
    assert f"known vulnerabilities in starlette {NEWEST['starlette']}: GHSA-test.\n" in failed[1]


def test_an_index_that_tells_of_nothing_is_no_audit() -> None:
    with knowing("nothing-we-use", Index) as other:
        assert audited(NOWHERE, other + "elsewhere/", AT_PYPI) == (2, "")
