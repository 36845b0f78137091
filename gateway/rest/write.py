"""How answers are written: JSON, exact rounding, the link to the GraphQL twin."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import orjson
from starlette.responses import Response

JSON = "application/json"


def json(status: int, body: Any, headers: dict[str, str]) -> Response:
    """A JSON response."""
    return Response(orjson.dumps(body), status, headers, media_type=JSON)


def half_up(top: int, bottom: int) -> int:
    """The whole number nearest to top ÷ bottom, worked out exactly; halves go up: half_up(5, 2) is 3."""
    return (2 * top + bottom) // (2 * bottom)


def twin(document: str, variables: dict[str, Any]) -> str:
    """A Link header's value: the GraphQL query that gives the same numbers."""
    asked = {name: value for name, value in variables.items() if value is not None}
    query = f"query={quote(document)}&variables={quote(orjson.dumps(asked).decode())}"
    return f'</graphql?{query}>; rel="alternate"; type="application/graphql-response+json"'
