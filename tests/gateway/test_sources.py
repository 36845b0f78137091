"""Files of records, whatever their format."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pyarrow as pa
import pytest
from pyarrow import parquet

from gateway.sources import Source
from models.errors import InvalidInput
from models.records import RECORD, MessageRecord

RECORDS = [
    {"type": "message", "id": "a", "created_at": "2026-05-05T10:00:00Z", "segments": 2},
    {"type": "message", "id": "b", "created_at": "2026-05-05T11:00:00Z"},
]


def read(path: Path, kind: str | None = None) -> list[tuple[int, MessageRecord]]:
    source = Source(str(path), kind)
    found = [(number, RECORD.validate_json(line)) for number, line in source.lines()]
    assert source.done == source.size
    return [(number, record) for number, record in found if isinstance(record, MessageRecord)]


def test_ndjson_is_read_line_by_line_and_from_gzip(tmp_path: Path) -> None:
    text = b"".join(orjson.dumps(record) + b"\n" for record in RECORDS)
    (tmp_path / "a.ndjson").write_bytes(text)
    (tmp_path / "a.ndjson.gz").write_bytes(gzip.compress(text))

    plain, packed = read(tmp_path / "a.ndjson"), read(tmp_path / "a.ndjson.gz")

    assert plain == packed
    assert [(number, record.id, record.segments) for number, record in plain] == [(1, "a", 2), (2, "b", None)]


def test_csv_has_names_in_its_first_line_and_leaves_empty_cells_out(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "\ufeffid,created_at,segments\na,2026-05-05T10:00:00Z,2\nb,2026-05-05T11:00:00Z,\n"
    )

    found = read(tmp_path / "a.csv", "message")

    assert [(number, record.id, record.segments) for number, record in found] == [(2, "a", 2), (3, "b", None)]


def test_parquet_keeps_its_moments(tmp_path: Path) -> None:
    moment = datetime(2026, 5, 5, 10, tzinfo=UTC)
    table = pa.table({"id": ["a", "b"], "created_at": [moment, moment], "segments": [2, None]})
    parquet.write_table(table, tmp_path / "a.parquet")

    found = read(tmp_path / "a.parquet", "message")

    assert [(number, record.id, record.created_at, record.segments) for number, record in found] == [
        (1, "a", moment, 2),
        (2, "b", moment, None),
    ]


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(InvalidInput, match=r"nowhere\.csv"):
        Source("nowhere.csv")


def test_a_csv_that_is_not_text_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"id\n\xff\xfe\n")

    with pytest.raises(InvalidInput, match=r"a\.csv"):
        list(Source(str(tmp_path / "a.csv")).lines())


def test_a_row_with_more_cells_than_names_is_handed_on_to_be_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,created_at\na,2026-05-05T10:00:00Z,surplus\n")

    ((_, line),) = Source(str(tmp_path / "a.csv"), "message").lines()

    with pytest.raises(ValueError, match="cells beyond the names"):
        RECORD.validate_json(line)


@pytest.mark.parametrize("name", ["a.ndjson.gz", "b.parquet"])
def test_a_file_that_is_not_what_its_name_says_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"plain text")

    with pytest.raises(InvalidInput, match=name.replace(".", r"\.")):
        list(Source(str(tmp_path / name)).lines())
