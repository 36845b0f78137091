"""Questions for buckets as inputs: for answers that come later, and more than once."""

from typing import Any, get_args

import strawberry

from schema.families import Family, buckets_arguments
from schema.time import Clock, Granularity

USUAL = {
    "window": None,
    "granularity": Granularity.DAY,
    "timezone": None,
    "group_by": None,
    "filter": None,
    "clock": Clock.CREATED,
    "clip": False,
}
Fields = dict[str, tuple[Any, Any, str]]


def question_fields(family: Family) -> Fields:
    """Kind, default and description of each field: the arguments of the family's buckets, without what is for
    one answer only."""
    arguments = buckets_arguments(family)
    told = {name: get_args(arguments[name]) for name in ("metric", *USUAL)}
    usual = {"metric": family.usual, **USUAL}
    return {name: (kind, usual[name], argument.description) for name, (kind, argument) in told.items()}


def input_of(name: str, about: str, fields: Fields) -> Any:
    """An input of these fields."""
    body: dict[str, Any] = {"__annotations__": {key: kind for key, (kind, _, __) in fields.items()}}
    for key, (_, default, text) in fields.items():
        body[key] = strawberry.field(default=default, description=text)
    return strawberry.input(type(name, (), body), name=name, description=about)
