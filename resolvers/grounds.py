"""What an answer was made of besides the numbers, noted while it is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Grounds:
    """`now` when the answer would be another at another moment, `marks` the facts whose watermark it shows or
    is cut at; `is_settled` unless it counts what is not over."""

    now: datetime | None = None
    marks: set[str] = field(default_factory=set)
    is_settled: bool = True
