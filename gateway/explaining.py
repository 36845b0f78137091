"""`POST /v1/explain-url`: from a request that somebody pasted to the GraphQL question that answers it."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.auth import UNSHARED, Auth
from gateway.body import Unreadable, read_json
from gateway.door import Door
from gateway.problem import answered
from gateway.rest.explain import explain_url
from gateway.rest.meaning import Asker
from resolvers.caller import METRICS_READ

MAX_BODY = 128 * 1024


class ExplainEndpoint:
    """`/v1/explain-url`."""

    def __init__(self, door: Door, auth: Auth, options: Sequence[str]) -> None:
        self._door, self._auth, self._options = door, auth, options

    async def __call__(self, request: Request) -> Response:
        """Explain one request in the zone and on the plan of whoever asks."""
        return await answered(self._explain(request))

    async def _explain(self, request: Request) -> Response:
        caller = await self._door.in_time(self._auth.caller(request, METRICS_READ))
        asker = Asker(caller, self._door.clock(), self._door.cursors(caller))
        return JSONResponse(explain_url(await _pasted(request), asker, self._options).told, 200, UNSHARED)


async def _pasted(request: Request) -> str:
    """What was pasted. Raises Unreadable."""
    asked = await read_json(request, MAX_BODY)
    text = asked.get("request") if isinstance(asked, dict) else None
    if not isinstance(text, str):
        raise Unreadable(400, "The body must be a JSON object with a text 'request'.")
    return text
