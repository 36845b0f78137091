"""Exports asked for, made and downloaded as a client and a worker do."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from tests.house import House

FIELDS = """id externalId kind format status rows bytes sha256 asOf createdAt completedAt expiresAt
    estimatedCompletion error downloadUrl"""
CREATE = f"mutation ($input: ExportInput!) {{ createExport(input: $input) {{ {FIELDS} }} }}"
LOOK = f"query ($id: ID!) {{ export(id: $id) {{ {FIELDS} }} }}"


@dataclass(frozen=True)
class File:
    """An export that is done, and what was downloaded."""

    export: dict[str, Any]
    body: bytes

    @property
    def rows(self) -> list[dict[str, str]]:
        """The rows of a CSV file by their columns."""
        return list(csv.DictReader(io.StringIO(self.body.decode(), newline="")))


async def requested(house: House, key: str, format: str = "CSV", **source: Any) -> dict[str, Any]:
    """A new export: `requested(house, key, messages={})`."""
    return (await house.ask(key, CREATE, input={"source": source, "format": format}))["createExport"]


async def looked(house: House, key: str, id: str) -> dict[str, Any]:
    """The export as it is now."""
    return (await house.ask(key, LOOK, id=id))["export"]


async def made(house: House, key: str, format: str = "CSV", **source: Any) -> dict[str, Any]:
    """An export that a worker has worked on."""
    asked = await requested(house, key, format, **source)
    while await house.gateway.exporter.make_one():
        pass
    return await looked(house, key, asked["id"])


async def exported(house: House, key: str, format: str = "CSV", **source: Any) -> File:
    """An export that is done, and its file."""
    export = await made(house, key, format, **source)
    assert export["status"] == "COMPLETED", export
    response = await house.client.get(export["downloadUrl"])
    assert response.status_code == 200, response.text
    return File(export, response.content)
