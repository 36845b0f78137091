"""`python -m tests.conformance`: what real clients did as a table, a line for each thing."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.node import install

FILES = [str(Path(__file__).with_name(name)) for name in ("test_clients.py", "check_invented.py")]
QUIETLY = ("-p", "no:terminal", "-p", "no:cacheprovider", "-o", "addopts=")


class Table:
    """Prints what a test tells of itself when it is over, and at last how much of it went well."""

    def __init__(self) -> None:
        self.ok = self.of = 0
        self.began = time.monotonic()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A report comes for the setup, the call and the teardown of a test."""
        if report.when == "call" or not report.passed:
            told: dict[str, Any] = dict(report.user_properties)
            for row in told.get("rows") or [(report.nodeid, "", reason(report))]:
                self.tell(*row)

    def tell(self, client: str, did: str, complaint: object) -> None:
        """One line."""
        self.of += 1
        self.ok += not complaint
        print(f"{client:<12} {did:<52} {f'FAILED: {complaint}' if complaint else 'ok'}", flush=True)

    def sum_up(self) -> None:
        """The last line."""
        print(f"\n{self.ok} of {self.of} ok in {time.monotonic() - self.began:.0f} s")


def reason(report: pytest.TestReport) -> str:
    """Why a test has told nothing."""
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext


def main() -> int:
    """Install the clients and run the tests; 1 when anything failed."""
    try:
        complaints = install()
    except LookupError as error:
        complaints = str(error)
    if complaints:
        print(f"The clients could not be installed: {complaints}", file=sys.stderr)
        return 1
    table = Table()
    code = pytest.main([*QUIETLY, *FILES], plugins=[table])
    table.sum_up()
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
