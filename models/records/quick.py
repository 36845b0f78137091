"""Messages and events read several times as fast, by the rules of their records.

This reader is the stricter one: about what it does not take, the records must be asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any, get_args, get_origin

import msgspec
from annotated_types import Ge, Le, Lt, MaxLen, MinLen
from pydantic import AfterValidator, AwareDatetime, BaseModel, Strict
from pydantic.fields import FieldInfo
from typing_extensions import TypeIs

from models.records.base import FIRST_MOMENT
from models.records.messages import EventRecord, MessageRecord

_FINER = re.compile(rb"\.\d{7}")  # than a microsecond: each reader rounds it in its own way
_META: Any = msgspec.Meta  # which of its words go together is known only here
_LIMITS: dict[type, str] = {MinLen: "min_length", MaxLen: "max_length", Ge: "ge", Le: "le"}


def read(line: bytes, horizon: datetime) -> Any:
    """The message or event of a line, nothing in it later than `horizon`; None without one to be sure of."""
    try:
        record: Any = _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    for at in record.moments(record):
        if at is not None and not FIRST_MOMENT <= at <= horizon:
            return None
    for name, finish in record.finishes:
        if (value := getattr(record, name)) is not None:
            setattr(record, name, finish(value))
    return None if _FINER.search(line) else record


def is_message(record: Any) -> TypeIs[MessageRecord]:
    """Whether a record is a message, whoever has read it."""
    return type(record) in (MESSAGE, MessageRecord)


def is_event(record: Any) -> TypeIs[EventRecord]:
    """Whether a record is an event of a message, whoever has read it."""
    return type(record) in (EVENT, EventRecord)


def told(record: Any) -> dict[str, Any]:
    """What a message or an event says, field by field; those it says nothing of are left out."""
    if isinstance(record, msgspec.Struct):
        return msgspec.to_builtins(record, builtin_types=(datetime,))
    return record.model_dump(exclude_none=True)


def _quick(kind: type[BaseModel]) -> Any:
    """The record once more, as the quick reader wants it."""
    fields: list[Any] = []
    moments: list[str] = []
    finishes: list[tuple[str, Callable[[Any], Any]]] = []
    for name, info in kind.model_fields.items():
        if name == "type":
            continue
        plain, rules = _taken_apart(info)
        limits: dict[str, Any] = {
            _LIMITS[type(rule)]: getattr(rule, _LIMITS[type(rule)]) for rule in rules if type(rule) in _LIMITS
        }
        if plain is AwareDatetime:
            plain, limits = datetime, {"tz": True}  # between when it may lie is looked at afterwards
            moments.append(name)
        finishes += [(name, rule.func) for rule in rules if isinstance(rule, AfterValidator)]
        of = Annotated[plain, _META(**limits)] if limits else plain
        fields.append((name, of) if info.is_required() else (name, of | None, info.default))
    (tag,) = get_args(kind.model_fields["type"].annotation)
    return msgspec.defstruct(
        kind.__name__,
        fields,
        namespace={
            "type": tag,
            "moments": attrgetter(*moments, moments[0]),  # of one name alone it makes no tuple
            "finishes": finishes,
        },
        tag_field="type",
        tag=tag,
        forbid_unknown_fields=True,
        omit_defaults=True,
        kw_only=True,
    )


def _taken_apart(info: FieldInfo) -> tuple[Any, list[Any]]:
    """What kind of value a field has when it has one, and the rules for it."""
    kind, rules = info.annotation, list(info.metadata)
    if type(None) in get_args(kind):
        kind = get_args(kind)[0]
    if get_origin(kind) is Annotated:
        kind, *more = get_args(kind)
        for one in more:
            rules += one.metadata if isinstance(one, FieldInfo) else [one]
    if unknown := [rule for rule in rules if type(rule) not in (*_LIMITS, Lt, Strict, AfterValidator)]:
        raise TypeError(f"the quick reader does not know the rules {unknown}")
    return kind, rules


MESSAGE: Any = _quick(MessageRecord)
EVENT: Any = _quick(EventRecord)
_DECODER = msgspec.json.Decoder(MESSAGE | EVENT)
