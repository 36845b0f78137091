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
from tempfile import mkstemp
from typing import Any

import orjson

from gateway.unit import Connection, work
from models.base import micros
from models.engine import Store
from models.errors import InvalidInput, NotFound, Unavailable
from models.revision import known, newest, revision_of
from models.upgrades import migrate
from resolvers import archive
from resolvers.archive import WHY, Held
from resolvers.vitals import faults, server

MARK = "heliograph backup"
FORMAT = 1
LEVEL = 3  # of compression: half the time of the default for a tenth more bytes
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
    _refuse_old(path)
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
    await _schema(url, path, header)
    store = Store(url).of_everyone(WHY)
    try:
        async with work(store) as db:
            if await archive.has_data(db) and not replace:
                raise InvalidInput("The store has data; to put the backup in its place add --replace.")
            found = await archive.tables(db)
            await archive.empty(db, found)
            with archive.sound(path):
                done = await _put_all(db, path, lines, found, lambda done: tell(done, header.total))
            if done != header.total:
                raise InvalidInput(f"{path} has {done:,} rows where it names {header.total:,}.")
            await archive.settle(db, found)
    finally:
        await store.close()
    if header.revision != newest():
        await migrate(url)
    return header


async def _put_all(
    db: Connection, path: Path, lines: Generator[Any], found: dict[str, Held], tell: Callable[[int], None]
) -> int:
    """Every row up to the end of the file, which must say that it is; how many there were."""
    done = 0
    for line in lines:
        if "end" in line:
            if next(lines, None) is not None:
                raise InvalidInput(f"{path} goes on after its end.")
            return done
        await archive.put(db, found[line["table"]], line["columns"], line["rows"])
        tell(done := done + len(line["rows"]))
    raise InvalidInput(f"{path} has no end: it was cut off or is damaged.")


async def _schema(url: str, path: Path, header: Header) -> None:
    """The schema of the backup in an empty store, which a store that is none must have."""
    found = await revision_of(url)
    if header.revision > newest():
        raise InvalidInput(f"A newer release made {path} (schema {header.revision}); restore it with that.")
    if found is None:
        await migrate(url, to=header.revision)
    elif found != header.revision:
        raise InvalidInput(
            f"The store has schema {found}, the backup {header.revision}: restore it into a new, empty store."
        )


def _header(path: Path, lines: Generator[Any]) -> Header:
    try:
        header = Header(**next(lines))
    except (StopIteration, TypeError) as error:
        raise InvalidInput(f"{path} is no backup of Heliograph.") from error
    is_known = str(header.revision) in known() or str(header.revision) > newest()
    if (header.kind, header.format) != (MARK, FORMAT) or not is_known or not _has_numbers(header):
        raise InvalidInput(f"{path} is no backup that this release can read.")
    return header


def _has_numbers(header: Header) -> bool:
    rows: Any = header.rows
    is_text = isinstance(header.revision, str)
    return is_text and isinstance(rows, dict) and all(isinstance(one, int) for one in rows.values())


def _read(path: Path) -> Generator[Any]:
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
    part = None
    try:
        number, name = mkstemp(".part", f"{path.name}.", path.parent)  # 0600: it holds secrets
        part = Path(name)
        with os.fdopen(number, "wb") as file:
            with gzip.GzipFile("", "wb", LEVEL, file) as packed:
                yield packed
            file.flush()
            os.fsync(file.fileno())
        _refuse_old(path)
        part.replace(path)
    except (ConnectionError, TimeoutError):
        raise  # the store's, while we read
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def _refuse_old(path: Path) -> None:
    if path.exists():
        raise InvalidInput(f"There is a file {path} already.")


def _line(file: gzip.GzipFile, told: Any) -> None:
    file.write(orjson.dumps(told, _plain, orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_APPEND_NEWLINE))


def _plain(value: Any) -> Any:
    """A moment or a day, which PostgreSQL's driver has objects for."""
    if isinstance(value, datetime):
        return micros(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError
