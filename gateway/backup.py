"""Backups: the whole store at one moment in one file, to be restored into SQLite or PostgreSQL.

gzip of JSON, a line each: what it is ─ some rows of a table ─ … ─ the end, which says how many there were

The schema is the one that the store had: a backup of an earlier release is restored under its schema, and
then upgraded.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson

from gateway.unit import work
from models.base import micros
from models.engine import Store
from models.errors import InvalidInput, NotFound, Unavailable
from models.revision import newest, revision_of
from models.upgrades import migrate
from resolvers import archive
from resolvers.archive import WHY
from resolvers.vitals import faults, server

MARK = "heliograph backup"
FORMAT = 1
LEVEL = 3  # of compression: half the time of the default for a tenth more bytes
PRIVATE = 0o600  # it holds hashes of keys, the store's secret and everything that anybody was sent
Tell = Callable[[int, int], None]  # rows so far, of how many


@dataclass(frozen=True)
class Header:
    """The first line of a backup: what it is, and how many rows each table has."""

    kind: str
    format: int
    revision: str
    store: str
    made_at: str
    rows: dict[str, int]

    @property
    def total(self) -> int:
        """The rows of all tables."""
        return sum(self.rows.values())


async def back_up(store: Store, path: Path, now: datetime, tell: Tell) -> Header:
    """Write the store as it is now to a new file, whole or not at all. Others may go on writing.

    Raises InvalidInput when there is such a file, Unavailable when the store is damaged.
    """
    if path.exists():
        raise InvalidInput(f"There is a file {path} already.")
    revision = await revision_of(str(store.url.render_as_string(hide_password=False)))
    if revision is None:
        raise NotFound("The store is empty: there is nothing to back up.")
    async with store.of_everyone(WHY).streaming() as db:
        if wrong := await faults(db):
            raise Unavailable(f"The store's file is damaged: {wrong[0]}. Keep your last backup.")
        found = await archive.tables(db)
        counts = {name: await archive.count(db, held) for name, held in found.items()}
        made_at = now.isoformat(timespec="seconds")
        header = Header(MARK, FORMAT, revision, await server(db), made_at, counts)
        with _written(path) as file:
            _line(file, asdict(header))
            done = 0
            for name, held in found.items():
                columns = held.table.c.keys()
                async for rows in archive.rows(db, held):
                    _line(file, {"table": name, "columns": columns, "rows": rows})
                    tell(done := done + len(rows), header.total)
            _line(file, {"end": done})
    return header


async def restore(url: str, path: Path, replace: bool, tell: Tell) -> Header:
    """Bring the store to what the backup holds, in one transaction, and its schema to the newest.

    Raises InvalidInput, NotFound when the file is none or the store may not be replaced.
    """
    lines = _read(path)
    header = _header(path, lines)
    await _schema(url, header)
    store = Store(url).of_everyone(WHY)
    try:
        async with work(store) as db:
            if await archive.has_data(db) and not replace:
                raise InvalidInput("The store has data; to put the backup in its place add --replace.")
            found = await archive.tables(db)
            await archive.empty(db, found)
            done = 0
            for line in lines:
                if "end" in line:
                    break
                await archive.put(db, found[line["table"]], line["columns"], line["rows"])
                tell(done := done + len(line["rows"]), header.total)
            if done != header.total:
                raise InvalidInput(f"{path} has {done:,} rows where it names {header.total:,}.")
            await archive.settle(db, found)
    finally:
        await store.close()
    if header.revision != newest():
        await migrate(url)
    return header


async def _schema(url: str, header: Header) -> None:
    """The schema of the backup in an empty store, which a store that is none must have."""
    found = await revision_of(url)
    if header.revision > newest():
        raise InvalidInput(
            f"A newer release made this backup (schema {header.revision}); restore it with that."
        )
    if found is None:
        await migrate(url, to=header.revision)
    elif found != header.revision:
        raise InvalidInput(
            f"The store has schema {found}, the backup {header.revision}: restore it into a new, empty store."
        )


def _header(path: Path, lines: Generator[dict[str, Any]]) -> Header:
    try:
        header = Header(**next(lines))
    except (StopIteration, TypeError) as error:
        raise InvalidInput(f"{path} is no backup of Heliograph.") from error
    if (header.kind, header.format) != (MARK, FORMAT):
        raise InvalidInput(f"{path} is no backup that this release can read.")
    return header


def _read(path: Path) -> Generator[dict[str, Any]]:
    """The lines of a backup. Raises NotFound, InvalidInput."""
    try:
        with gzip.open(path) as file:
            for line in file:
                yield orjson.loads(line)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}.") from error
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror or 'it is no backup'}.") from error
    except (EOFError, zlib.error, orjson.JSONDecodeError) as error:
        raise InvalidInput(f"{path} is damaged or was cut off.") from error


@contextmanager
def _written(path: Path) -> Generator[gzip.GzipFile]:
    """A compressed file for our eyes only, which has its name when the block has ended well."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.touch(PRIVATE)
        with part.open("wb") as file:
            with gzip.GzipFile("", "wb", LEVEL, file) as packed:
                yield packed
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)


def _line(file: gzip.GzipFile, told: Any) -> None:
    file.write(orjson.dumps(told, _plain, orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_APPEND_NEWLINE))


def _plain(value: Any) -> Any:
    """A moment or a day, which PostgreSQL's driver has objects for."""
    if isinstance(value, datetime):
        return micros(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError
