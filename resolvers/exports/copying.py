"""A SELECT as CSV that PostgreSQL writes by itself, byte for byte what `CsvWriter` would write.

SELECT ──each cell as its text──▶ COPY … TO STDOUT ──line ends of RFC 4180──▶ file
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

from resolvers.counting import whole
from resolvers.exports.threads import to_the_end
from resolvers.formats import csv_lines
from resolvers.formats.columns import Column, Kind
from resolvers.formats.csv import BLANKS, BREAKS, FORMULA, PLAIN_NUMBER
from resolvers.formats.writer import Sink

_DIALECT = asyncpg.dialect()
WRITTEN_AT = 1 << 20  # bytes


def can_copy(db: AsyncConnection, columns: tuple[Column, ...]) -> bool:
    """Whether the store spells all of these columns as we do."""
    return db.dialect.name == "postgresql" and all(column.kind in _SPELLED for column in columns)


async def copy(
    db: AsyncConnection,
    select: sa.Select[Any],
    columns: tuple[Column, ...],
    file: Sink,
    told: Callable[[int], None],
) -> None:
    """Write the rows of a statement as CSV, their names first; `told` hears how many there are so far.

    The session's time zone must be UTC.
    """
    lines = Lines(file, told)
    await lines.take(csv_lines([[column.name for column in columns]]).encode())
    text, values = compiled(as_text(select, columns))
    driver = (await db.get_raw_connection()).driver_connection
    assert driver is not None
    await driver.copy_from_query(text, *values, output=lines.take_from_store, format="csv")
    await lines.flush()


def as_text(select: sa.Select[Any], columns: tuple[Column, ...]) -> sa.Select[Any]:
    """The same rows with each cell spelled as `CsvWriter` does."""
    cells = zip(select.selected_columns, columns, strict=True)
    return select.with_only_columns(*(_SPELLED[column.kind](cell) for cell, column in cells))


def compiled(select: sa.Select[Any]) -> tuple[str, list[Any]]:
    """The statement as the driver takes it, and the values of its parameters in order."""
    made = select.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    assert isinstance(made, sa.sql.compiler.SQLCompiler)
    values = made.construct_params()
    return made.string, [values[name] for name in made.positiontup or ()]


# digits and letters: what begins with one, as most cells do, needs no closer look
LETTERS = ((ord("0"), ord("9")), (ord("A"), ord("Z")), (ord("a"), ord("z")))


def _plain(cell: Any) -> Any:
    return cell


def _moment(cell: Any) -> Any:
    spaced = sa.cast(cell, sa.Text)  # 2026-05-05 10:00:00.25+00
    return sa.func.replace(sa.func.replace(spaced, _said(" "), _said("T")), _said("+00"), _said("Z"))


def _guarded(cell: Any) -> Any:
    starts = sa.or_(_begins(cell, BREAKS), _begins(sa.func.ltrim(cell, _said(BLANKS)), FORMULA))
    number = cell.regexp_match(_said(f"^({PLAIN_NUMBER.pattern})$"))
    is_formula = sa.and_(starts, sa.not_(number))
    first = sa.func.ascii(cell)
    harmless = sa.or_(*(first.between(whole(low), whole(high)) for low, high in LETTERS))
    return sa.case(
        (harmless, cell),
        (is_formula, _said("'").concat(cell)),
        else_=sa.func.nullif(cell, _said("")),
    )


def _begins(cell: Any, signs: tuple[str, ...]) -> Any:
    return sa.func.left(cell, sa.literal_column("1")).in_([_said(sign) for sign in signs])


def _said(text: str) -> Any:
    """A text of ours, written out: parameters would be planned anew, hundreds of them."""
    codes = "".join(f"\\{ord(letter):04X}" for letter in text)
    return sa.literal_column(f"U&'{codes}'", sa.Text)


_SPELLED: dict[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: _guarded,
    Kind.WHOLE: _plain,
    Kind.MOMENT: _moment,
    Kind.DAY: _plain,
}


class Lines:
    """Lines on their way into a file, which end in CR LF where the store ends them in LF."""

    def __init__(self, file: Sink, told: Callable[[int], None]) -> None:
        self._file, self._told = file, told
        self._parts: list[bytes] = []
        self._size, self.count = 0, 0
        self._is_quoted = False

    async def take_from_store(self, data: bytes) -> None:
        """Some of COPY's output, cut anywhere."""
        pieces = data.split(b'"')  # between two quotes a line may end inside of a cell
        for place in range(int(self._is_quoted), len(pieces), 2):
            self.count += pieces[place].count(b"\n")
            pieces[place] = pieces[place].replace(b"\n", b"\r\n")
        self._is_quoted ^= len(pieces) % 2 == 0
        await self.take(b'"'.join(pieces))

    async def take(self, data: bytes) -> None:
        """Some bytes as they are."""
        self._parts.append(data)
        self._size += len(data)
        if self._size >= WRITTEN_AT:
            await self.flush()

    async def flush(self) -> None:
        """Write what has been taken."""
        parts, self._parts, self._size = self._parts, [], 0
        await to_the_end(self._file.write, b"".join(parts))
        self._told(self.count)
