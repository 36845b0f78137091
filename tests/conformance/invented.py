"""Requests that schemathesis invents from what the gateway says of itself: OpenAPI documents and the schema."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from gateway.rest import VENDORS
from tests.conformance.node import ROOT
from tests.conformance.site import Site
from tests.conformance.world import ACME

SCHEMATHESIS = ("tool", "run", "--quiet", "--from", "schemathesis>=4,<5", "schemathesis")
EXAMPLES = 20  # of each operation; what covers its parameters comes on top
PHASES = "examples,coverage,fuzzing"
ENDS_WITHIN_S = 300
# what the document promises of every answer; which values go together no document can say
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
)
IDS = ("workspaceId", "brand_id")  # parts of paths that name the organization
DOCUMENTS = tuple(f"{vendor.name}/openapi.json" for vendor in VENDORS)
MADE = re.compile(r"(\d+) generated")


def uv() -> str:
    """The uv that fetches schemathesis. Raises LookupError."""
    found = shutil.which("uv") or shutil.which(ROOT / ".tools" / "bin" / "uv")
    if found is None:
        raise LookupError("schemathesis is fetched by uv, and there is none")
    return found


def invent(site: Site, document: str, checks: tuple[str, ...] = CHECKS) -> tuple[int, str]:
    """How many requests were made of a document of the gateway, and what was said when one went wrong."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "schemathesis.toml"
        settings.write_text("[parameters]\n" + "".join(f'{name} = "{ACME}"\n' for name in IDS))
        done = subprocess.run(
            (
                *(uv(), *SCHEMATHESIS, "--config-file", str(settings), "run", f"{site.url}/{document}"),
                *("-H", f"Authorization: Bearer {site.key}", "-H", f"x-organization-id: {ACME}"),
                *(
                    "--checks",
                    ",".join(checks),
                    "--max-examples",
                    str(EXAMPLES),
                    "--phases",
                    PHASES,
                    "--continue-on-failure",
                    "--no-color",
                ),
            ),
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=ENDS_WITHIN_S,
            check=False,
        )
    made = MADE.search(done.stdout)
    return int(made[1]) if made else 0, "" if done.returncode == 0 else done.stdout + done.stderr
