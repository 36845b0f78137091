"""Parts of a file: what a Range header asks for (RFC 9110, section 14)."""

from __future__ import annotations

import re

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.IGNORECASE)


class Unsatisfiable(Exception):
    """The range lies wholly behind the end of the file."""


def wanted(header: str, size: int) -> tuple[int, int] | None:
    """The part [start, end) of a file that the header asks for; None for the whole of it.

    Of several ranges, and of what is no range of bytes, the whole is answered. Raises Unsatisfiable.
    """
    found = _RANGE.fullmatch(header.strip())
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        if int(last) == 0 or size == 0:
            raise Unsatisfiable()
        return max(size - int(last), 0), size
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable()
    return int(first), min(int(last) + 1, size) if last else size
