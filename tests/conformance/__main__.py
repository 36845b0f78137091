"""`python -m tests.conformance`: the tests of this folder as a table, a line for each thing that a client did."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from textwrap import indent

import pytest

from tests.conformance.node import install


class Table:
    """Prints a line for each test when it is over, and how many went well."""

    def __init__(self) -> None:
        self.ok = self.of = 0
        self.began = time.monotonic()

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A report comes for the setup, the call and the teardown of a test."""
        if report.when != "call" and report.passed:
            return
        row = dict(report.user_properties)
        self.of += 1
        self.ok += report.passed
        said = "ok" if report.passed else f"FAILED\n{reason(report)}"
        print(f"{row.get('client', ''):<12} {row.get('did', report.nodeid):<54} {said}", flush=True)

    def sum_up(self) -> None:
        """The last line."""
        print(f"\n{self.ok} of {self.of} ok in {time.monotonic() - self.began:.0f} s")


def reason(report: pytest.TestReport) -> str:
    """What was found instead, or why nothing was; indented."""
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
    errors = (line.removeprefix("E   ").strip() for line in text.splitlines() if line.startswith("E   "))
    return indent(next(errors, text), "    ")


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
    folder = str(Path(__file__).parent)
    code = pytest.main(
        ["-p", "no:terminal", "-p", "no:cacheprovider", "-o", "addopts=", folder], plugins=[table]
    )
    table.sum_up()
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
