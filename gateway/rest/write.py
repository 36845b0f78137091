"""How answers are written: JSON, exact rounding, the link to the GraphQL twin."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import orjson
from starlette.responses import Response

from resolvers.documents import document_id

JSON = "application/json"


def json(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON response."""
    return Response(orjson.dumps(body), status, headers, media_type=JSON)


def half_up(top: int, bottom: int) -> int:
    """The whole number nearest to top ÷ bottom, worked out exactly; halves go up: half_up(5, 2) is 3."""
    return (2 * top + bottom) // (2 * bottom)


def rounded(top: int, bottom: int, decimals: int) -> int | float:
    """Top ÷ bottom rounded half up to so many decimals, exactly; whole where it is whole, 0 of nothing."""
    if bottom == 0:
        return 0
    scale: int = 10**decimals
    number = half_up(scale * top, bottom)
    return number // scale if number % scale == 0 else number / scale


def percent(top: int, bottom: int, decimals: int) -> int | float:
    """100 × top ÷ bottom, `rounded`."""
    return rounded(100 * top, bottom, decimals)


def millis(moment: str | None) -> str | None:
    """A moment of GraphQL with three digits of seconds: 2026-05-05T00:00:00.000Z."""
    if moment is None:
        return None
    return datetime.fromisoformat(moment).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def given(variables: dict[str, Any]) -> dict[str, Any]:
    """The variables that say something; a document takes what is absent for null."""
    return {name: value for name, value in variables.items() if value is not None}


def twin(document: str, variables: dict[str, Any]) -> str:
    """A Link header's value: the GraphQL query that gives the same numbers, by its id."""
    query = f"documentId={document_id(document)}&variables={_quoted(orjson.dumps(given(variables)))}"
    return f'</graphql?{query}>; rel="alternate"; type="application/graphql-response+json"'


_quoted = lru_cache(maxsize=256)(quote)
