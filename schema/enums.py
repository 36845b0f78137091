"""Enums made of words: each value is described, and stands for the word in our tables."""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry


def enum_of(name: str, about: str, words: dict[str, str]) -> Any:
    """A GraphQL enum: 'past_due' becomes PAST_DUE, described by its text."""
    values = {word.upper(): strawberry.enum_value(word, description=text) for word, text in words.items()}
    return strawberry.enum(Enum(name, values), description=about)
