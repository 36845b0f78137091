"""Enums made of words: each value is described, and stands for the word in our tables."""

from enum import Enum
from typing import Any

import strawberry


def described(kind: type[Enum], about: str, words: dict[str, str]) -> None:
    """Make a GraphQL enum of a Python one, every value described."""
    made: Any = strawberry.enum(kind, description=about)
    for value in made.__strawberry_definition__.values:
        value.description = words[value.name]


def enum_of(name: str, about: str, words: dict[str, str]) -> Any:
    """A GraphQL enum: 'past_due' becomes PAST_DUE, described by its text."""
    values = {word.upper(): strawberry.enum_value(word, description=text) for word, text in words.items()}
    return strawberry.enum(Enum(name, values), description=about)
