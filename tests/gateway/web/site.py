"""A site with GraphiQL over a schema of one field, on a port of its own."""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from gateway.headers import PAGE_POLICY
from gateway.web.files import Files
from gateway.web.graphiql import STATIC, PageSettings, page
from tests.worlds import PATIENCE_S


@strawberry.type
class Organization:
    """Who asks."""

    name: str
    timezone: str


@strawberry.type
class Query:
    """One field is enough."""

    @strawberry.field
    def organization(self) -> Organization:
        return Organization(name="Northwind Clinic", timezone="Europe/Berlin")


SCHEMA = strawberry.Schema(Query)


def app(settings: PageSettings, seen: list[str | None]) -> Starlette:
    """The page for GET, answers for POST; the key of every POST is put into `seen`."""

    async def show(_: Request) -> Response:
        return HTMLResponse(page(settings), headers={"Content-Security-Policy": PAGE_POLICY})

    async def answer(request: Request) -> Response:
        seen.append(request.headers.get("authorization"))
        body = await request.json()
        result = await SCHEMA.execute(
            body["query"], body.get("variables"), operation_name=body.get("operationName")
        )
        errors = [error.formatted for error in result.errors or []]
        return JSONResponse({"data": result.data, **({"errors": errors} if errors else {})})

    return Starlette(
        routes=[
            Route("/graphql", show, methods=["GET"]),
            Route("/graphql", answer, methods=["POST"]),
            Mount("/static", Files(directory=STATIC)),
        ]
    )


@contextmanager
def serve(application: Starlette) -> Generator[str]:
    """The address of the running site."""
    server = uvicorn.Server(
        uvicorn.Config(application, port=0, log_level="warning", ws="none", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + PATIENCE_S
    while not server.started:
        if time.monotonic() > until:
            raise TimeoutError("The site did not start.")
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
