"""Pages about a vendor: its OpenAPI document, and Swagger UI from our own disk to read and try it with."""

from __future__ import annotations

from functools import cache
from html import escape
from importlib.util import find_spec
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.headers import PAGE_POLICY
from gateway.rest.openapi import openapi
from gateway.rest.vendor import Vendor

# Found, not imported: its import puts every page of the package into memory, 55 MB of them (offapi 0.1.4).
_PACKAGE = find_spec("offapi")
ASSETS = Path(_PACKAGE.origin or "").parent if _PACKAGE else Path()
SWAGGER = {"swagger_bundle.js": "text/javascript", "swagger_style.css": "text/css"}
START = """\
window.onload = () => SwaggerUIBundle({
  url: "../openapi.json", dom_id: "#docs", presets: [SwaggerUIBundle.presets.apis], deepLinking: true,
})
"""
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="swagger_style.css">
</head>
<body>
<div id="docs"></div>
<script src="swagger_bundle.js"></script>
<script src="start.js"></script>
</body>
</html>
"""


def page_routes(vendor: Vendor) -> list[BaseRoute]:
    """`/<vendor>/openapi.json` and the page `/<vendor>/docs/`; neither asks for a key."""
    document = cache(lambda: openapi(vendor))  # made when it is first asked for
    page = PAGE.format(title=escape(vendor.title))

    async def spec(_: Request) -> Response:
        return JSONResponse(document())

    async def docs(_: Request) -> Response:
        return HTMLResponse(page, headers={"Content-Security-Policy": PAGE_POLICY})

    root = f"/{vendor.name}"
    return [
        Route(f"{root}/openapi.json", spec),
        Route(f"{root}/docs/", docs),
        Route(f"{root}/docs/start.js", _start),
        *(Route(f"{root}/docs/{name}", _asset, name=name) for name in SWAGGER),
    ]


async def _start(_: Request) -> Response:
    return Response(START, media_type="text/javascript")


async def _asset(request: Request) -> Response:
    name = request.url.path.rpartition("/")[2]
    return FileResponse(
        ASSETS / name, media_type=SWAGGER[name], headers={"Cache-Control": "public, max-age=86400"}
    )
