"""The converter of real messages, on lines worked out by hand and, where there is one, on the real file."""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest

from models.records import RECORD

SCRIPT = Path(__file__).parents[2] / "examples" / "college_messages.py"

# 1 writes to 2, twice; 2 answers the second; 2 writes again, which answers nothing; 3 writes to 1.
SMALL = """\
src dst time
1 2 1082040961
1 2 1082041000
2 1 1082041060
2 1 1082041120
3 1 1082041180
1 2 1082041240
"""


@pytest.fixture(scope="module")
def converter() -> ModuleType:
    """The script as a module; it is no package."""
    spec = importlib.util.spec_from_file_location("college_messages", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def run(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), str(path)], capture_output=True, text=True, check=False
    )


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run(path).stdout.splitlines()]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The lines above as a file."""
    path = tmp_path / "messages.txt"
    path.write_text(SMALL, encoding="ascii")
    return path


def test_the_organization_comes_first(small: Path) -> None:
    first = records(small)[0]

    assert first["type"] == "organization"
    assert first["id"] == "college"
    assert first["timezone"] == "America/Los_Angeles"


def test_each_line_is_a_delivered_chat_message(small: Path) -> None:
    first = next(record for record in records(small) if record["type"] == "message")

    # 1,082,040,961 = 12,523 days of 86,400 s + 53,761 s; day 12,523 is 15 April 2004; 53,761 s are 14:56:01.
    assert first == {
        "type": "message",
        "organization": "college",
        "id": "college-1",
        "direction": "outbound",
        "channel": "chat",
        "sender_id": "1",
        "contact_id": "2",
        "content_type": "text",
        "created_at": "2004-04-15T14:56:01Z",
        "sent_at": "2004-04-15T14:56:01Z",
        "delivered_at": "2004-04-15T14:56:01Z",
    }


def test_an_answer_is_a_reply_to_the_latest_message_and_only_once(small: Path) -> None:
    replies = [(record["message_id"], record["at"]) for record in records(small) if record["type"] == "event"]

    # Line 3 answers line 2, line 4 nothing more, and line 6 the latest of 2's, which is line 4.
    assert replies == [("college-2", "2004-04-15T14:57:40Z"), ("college-4", "2004-04-15T15:00:40Z")]


def test_all_records_are_valid(small: Path) -> None:
    for record in records(small):
        RECORD.validate_json(orjson.dumps(record))


def test_a_packed_file_without_a_header_gives_the_same(small: Path, tmp_path: Path) -> None:
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(SMALL.partition("\n")[2].encode()))

    assert records(packed) == records(small)


@pytest.mark.parametrize("row", ["1 2", "1 2 three", "1 2 3 4"])
def test_a_bad_line_is_named(row: str, converter: ModuleType) -> None:
    with pytest.raises(ValueError, match="line 2: expected 'src dst time'"):
        list(converter.parse(["1 2 1082040961\n", f"{row}\n"]))


def test_a_bad_file_ends_with_an_error(tmp_path: Path) -> None:
    missing = run(tmp_path / "missing.txt")

    assert missing.returncode == 1
    assert "missing.txt" in missing.stderr
    assert not missing.stdout


@pytest.mark.skipif(
    "COLLEGE_MESSAGES" not in os.environ, reason="COLLEGE_MESSAGES does not name the real file"
)
def test_the_real_file_has_as_many_messages_as_its_paper_says() -> None:
    found = records(Path(os.environ["COLLEGE_MESSAGES"]))
    messages = [record for record in found if record["type"] == "message"]

    people = {record[key] for record in messages for key in ("sender_id", "contact_id")}
    types = Counter(record["type"] for record in found)
    replied = [record["message_id"] for record in found if record["type"] == "event"]

    assert types["message"] == 59_835
    assert len(people) == 1_899
    assert len(set(replied)) == len(replied)
    assert 10_000 < len(replied) < 59_835
    assert messages[0]["created_at"][:7] == "2004-04"
    assert messages[-1]["created_at"][:7] == "2004-10"
