"""Query parameters into a model, strictly: much that Python reads as a number or a moment is refused here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, NamedTuple, TypeVar

import orjson
from pydantic import AliasChoices, BaseModel, BeforeValidator, ValidationError, WithJsonSchema

from models.errors import InvalidInput
from models.moments import rfc3339
from resolvers.periods import FIRST, LAST

Params = TypeVar("Params", bound=BaseModel)
DIGITS = re.compile(r"[0-9]{1,15}")
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
NAIVE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?", re.ASCII)
ONCE = "must be given once"
ISO_HINT = "must be an ISO 8601 date, such as 2026-05-05 or 2026-05-05T08:00:00Z"
PLAIN = {
    "missing": "is required",
    "list_type": "must be a list",
    "string_type": "must be a text",
    "bool_type": "must be true or false",
}


def moment(text: str) -> datetime:
    """The moment that an RFC 3339 text with its offset names, in UTC. Raises ValueError."""
    try:
        found = rfc3339(text)
    except ValueError as error:
        raise ValueError(_moment_hint(text)) from error
    return _in_reach(found)


class Given(NamedTuple):
    """A moment as it was given: as one, or as a day, which stands for its midnight."""

    moment: datetime
    is_day: bool


def iso(text: object) -> Given:
    """A day, or a moment that is UTC unless it says otherwise. Raises ValueError."""
    if not isinstance(text, str):  # a body may hold anything
        raise ValueError(ISO_HINT)
    is_day = DAY.fullmatch(text) is not None
    full = f"{text}T00:00:00Z" if is_day else f"{text}Z" if NAIVE.fullmatch(text) else text
    try:
        found = rfc3339(full)
    except ValueError as error:
        raise ValueError(ISO_HINT) from error
    return Given(_in_reach(found), is_day)


def whole(text: str) -> int:
    """The number that ASCII digits spell. Raises ValueError."""
    if not DIGITS.fullmatch(text):
        raise ValueError("must be a whole number in plain digits")
    return int(text)


Moment = Annotated[datetime, BeforeValidator(moment)]
Iso = Annotated[
    Given,
    BeforeValidator(iso),
    WithJsonSchema({"type": "string", "examples": ["2026-05-05", "2026-05-05T08:00:00Z"]}),
]
Whole = Annotated[int, BeforeValidator(whole)]


def read(model: type[Params], given: Iterable[tuple[str, str]]) -> Params:
    """The parameters; those that the model does not know are left alone.

    Raises InvalidInput, whose `fields` say what is wrong with each.
    """
    known = names_of(model)
    values: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for name, value in given:
        if name in values:
            wrong[name] = ONCE
        elif name in known:
            values[name] = value
    try:
        params = model.model_validate(values)
    except ValidationError as error:
        raise InvalidInput(fields=_reasons(error) | wrong) from error
    if wrong:
        raise InvalidInput(fields=wrong)
    return params


def read_json(model: type[Params], body: bytes) -> Params:
    """The parameters of a JSON object; those that the model does not know are left alone.

    Raises InvalidInput, whose `fields` say what is wrong with each.
    """
    try:
        values = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput("The body must be JSON.") from error
    if not isinstance(values, dict):
        raise InvalidInput("The body must be a JSON object.")
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InvalidInput(fields=_reasons(error)) from error


def names_of(model: type[BaseModel]) -> set[str]:
    """Every name that a field of the model may be given by."""
    names: set[str] = set()
    for name, field in model.model_fields.items():
        other = field.validation_alias
        if isinstance(other, AliasChoices):
            names |= {str(choice) for choice in other.choices}
        else:
            names.add(str(other or field.alias or name))
    return names


def _in_reach(found: datetime) -> datetime:
    if not FIRST <= found <= LAST:
        raise ValueError("must lie between 1970-01-08 and 2100-01-01")
    return found


def _moment_hint(text: str) -> str:
    # in a query string a bare + is a space
    plus = " (write + as %2B)" if re.search(r" \d\d:\d\d$", text) else ""
    return f"must be an RFC 3339 date-time with its offset, such as 2026-05-05T00:00:00Z{plus}"


def _reasons(error: ValidationError) -> dict[str, str]:
    found = error.errors(include_url=False, include_input=False)
    return {str(one["loc"][0]): _reason(one["type"], one["msg"], one.get("ctx", {})) for one in found}


def _reason(kind: str, message: str, context: dict[str, Any]) -> str:
    match kind:
        case "literal_error":
            return f"must be {context['expected']}"
        case "greater_than_equal" | "less_than_equal":
            bound, number = next(iter(context.items()))
            return f"must be {'at least' if bound == 'ge' else 'at most'} {number}"
        case "too_short" | "string_too_short":
            return f"must have at least {_some(kind, context['min_length'])}"
        case "too_long" | "string_too_long":
            return f"must have at most {_some(kind, context['max_length'])}"
        case "value_error":
            return str(context["error"])
    return PLAIN.get(kind, message)


def _some(kind: str, number: int) -> str:
    """'2 items', '1 character'."""
    return f"{number} {'character' if kind.startswith('string') else 'item'}{'' if number == 1 else 's'}"
