"""Real messages for a trial: turns CollegeMsg, lines of `src dst time`, into Heliograph's NDJSON.

python examples/college_messages.py messages.txt.gz | heliograph ingest -

Each line becomes one delivered chat message, read as if the sender were an account of the organization
and the receiver its contact. When B writes to A, the latest message from A to B has been answered, unless
it already was. Times are whole seconds since 1970. A first line with the names of the columns is skipped.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, TextIO

ORGANIZATION = "college"
TIMEZONE = "America/Los_Angeles"
GZIP_MAGIC = b"\x1f\x8b"


class Line(NamedTuple):
    """One line of the file."""

    sender: str
    receiver: str
    time: int


def parse(text: Iterable[str]) -> Iterator[Line]:
    """The lines of the file. Raises ValueError with the number of the first line that is not one."""
    for number, row in enumerate(text, start=1):
        fields = row.split()
        if not fields or (number == 1 and fields == ["src", "dst", "time"]):
            continue
        try:
            sender, receiver, time = fields
            yield Line(sender, receiver, int(time))
        except ValueError as error:
            raise ValueError(f"line {number}: expected 'src dst time', found {row.strip()[:80]!r}") from error


def convert(lines: Iterable[Line]) -> Iterator[dict[str, object]]:
    """The organization, then a message for each line and a reply for each message that was answered."""
    yield {"type": "organization", "id": ORGANIZATION, "name": "College messages", "timezone": TIMEZONE}
    unanswered: dict[tuple[str, str], str] = {}  # the latest message of each sender to each receiver
    for number, line in enumerate(lines, start=1):
        message_id = f"college-{number}"
        yield message(message_id, line)
        answered = unanswered.pop((line.receiver, line.sender), None)
        if answered:
            yield reply(answered, line.time)
        unanswered[line.sender, line.receiver] = message_id


def message(message_id: str, line: Line) -> dict[str, object]:
    """A chat message that arrived as soon as it was written."""
    moment = rfc3339(line.time)
    return {
        "type": "message",
        "organization": ORGANIZATION,
        "id": message_id,
        "direction": "outbound",
        "channel": "chat",
        "sender_id": line.sender,
        "contact_id": line.receiver,
        "content_type": "text",
        "created_at": moment,
        "sent_at": moment,
        "delivered_at": moment,
    }


def reply(message_id: str, time: int) -> dict[str, object]:
    """The news that the message was answered."""
    return {
        "type": "event",
        "organization": ORGANIZATION,
        "message_id": message_id,
        "event": "replied",
        "at": rfc3339(time),
    }


def rfc3339(time: int) -> str:
    """Seconds since 1970 as a moment in UTC."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def opened(path: Path) -> TextIO:
    """The file as text, whether it is packed or not."""
    with path.open("rb") as file:
        packed = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    return gzip.open(path, "rt", encoding="ascii") if packed else path.open(encoding="ascii")


def main() -> int:
    """Write the records of the file named on the command line to standard output."""
    parser = argparse.ArgumentParser(
        description="Turn CollegeMsg into Heliograph's NDJSON, on standard output."
    )
    parser.add_argument("file", type=Path, help="lines of 'src dst time', plain or packed with gzip")
    arguments = parser.parse_args()
    try:
        with opened(arguments.file) as text:
            for record in convert(parse(text)):
                sys.stdout.write(json.dumps(record, separators=(",", ":")) + "\n")
    except BrokenPipeError:
        # Whoever read us has seen enough; Python would complain once more when it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, EOFError, ValueError) as error:
        sys.stderr.write(f"{arguments.file}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
