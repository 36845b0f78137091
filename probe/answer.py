"""An answer, as two that were asked alike must have it in common."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote_plus

import httpx2
import orjson

AROUND = 60  # characters shown of each of two answers from where they part
MASKED = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?"), "<moment>"),
    (re.compile(r"\b[0-9A-HJKMNP-TV-Z]{26}\b"), "<request>"),
    (re.compile(r'(?i)("request_?id"): ?"[^"]*"'), r"\1:<request>"),
    (re.compile(r"exp_[0-9A-Za-z]{22}"), "<export>"),
    (re.compile(r'(?i)("\w*cursor"): ?"[^"]*"'), r"\1:<sealed>"),  # it holds what was asked
    (re.compile(r"(?i)([?&]\w*(?:cursor|after|page_token))=[^&>\s]*"), r"\1=<sealed>"),
)
ALIKE = ("link", "location", "content-disposition", "www-authenticate")  # headers that twins have in common


@dataclass(frozen=True)
class Answer:
    """What came back, as two twins must have it in common."""

    status: int
    kind: str
    text: str
    headers: str = ""  # all of them, in which nothing of another's may be
    alike: str = ""  # those that depend on what was asked

    def without(self, said: Sequence[str]) -> Answer:
        """With what was asked taken out of it, and what is of the moment."""
        text, alike = masked(_ordered(self.text, said), said), masked(self.alike, said)
        return Answer(self.status, self.kind, text, alike=alike)

    def searched(self, said: Sequence[str]) -> str:
        """Everything in which a sign can be, but for what was asked."""
        return masked(f"{self.headers}\n{self.text}", said)

    def beside(self, other: Answer) -> str:
        """Where the two part, in a line."""
        parts = ((getattr(self, one), getattr(other, one)) for one in ("status", "kind", "alike", "text"))
        ours, theirs = next((str(a), str(b)) for a, b in parts if a != b)
        same = next((n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), len(ours))
        at = max(0, same - AROUND // 3)
        return f"{ours[at : at + AROUND]!r} but {theirs[at : at + AROUND]!r}"


def answer_of(response: httpx2.Response) -> Answer:
    """What a response says."""
    kind = response.headers.get("content-type", "")
    return Answer(response.status_code, kind, response.text, _told(response), _told(response, ALIKE))


def masked(text: str, said: Sequence[str]) -> str:
    """A text without what was asked, and without what is of the moment."""
    for word in sorted(said, key=len, reverse=True):
        text = text.replace(word, "<asked>")
    for pattern, name in MASKED:
        text = pattern.sub(name, text)
    return text


def _ordered(text: str, said: Sequence[str]) -> str:
    """JSON with its errors in an order of ours: of two fields that fail, either may be told first."""
    try:
        told = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    errors = told.get("errors") if isinstance(told, dict) else None
    if not isinstance(errors, list) or len(errors) < 2:
        return text
    errors.sort(key=lambda one: masked(orjson.dumps(one).decode(), said))
    return orjson.dumps(told).decode()


def _told(response: httpx2.Response, names: Sequence[str] = ()) -> str:
    """Its headers as text, those of these names if there are any."""
    lines = (f"{name}: {unquote_plus(held)}" for name, held in response.headers.multi_items())
    return "\n".join(line for line in lines if not names or line.partition(":")[0] in names)
