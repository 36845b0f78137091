"""GraphiQL from our own files: the page, the policy it lives under, and the folder it loads from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any

from gateway.web.gallery import Shelf
from gateway.web.questions import Question, about

STATIC = Path(__file__).parent / "static"
PAGE = (Path(__file__).parent / "graphiql.html").read_text(encoding="utf-8")
MANIFEST = json.loads((STATIC / "graphiql" / "manifest.json").read_text(encoding="utf-8"))
NO_KEY = MappingProxyType({"Authorization": "Bearer "})

# Inside a script element a `<` could end it; JSON lets us write these as \\u003c and so on.
UNSAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class PageSettings:
    """What one page is made from: where to ask, what to prefill, what to offer."""

    endpoint: str = "/graphql"
    headers: Mapping[str, str] = field(default_factory=lambda: NO_KEY)
    questions: tuple[Question, ...] = ()
    shelves: tuple[Shelf, ...] = ()
    explain: str = "/v1/explain-url"
    static: str = "/static"


def script_json(data: object) -> str:
    """JSON that may stand inside an HTML script element, whatever its strings hold."""
    return json.dumps(data, ensure_ascii=False).translate(UNSAFE)


def page(settings: PageSettings) -> str:
    """The HTML page for a browser; send it with `PAGE_POLICY`, and uncached when it carries a key."""
    folder = f"{settings.static}/graphiql"
    data = {
        "endpoint": settings.endpoint,
        "headers": dict(settings.headers),
        "explain": settings.explain,
        "themes": _themes(settings),
        "vendors": [_vendor(shelf) for shelf in settings.shelves],
    }
    return PAGE.format(
        script=escape(f"{folder}/{MANIFEST['script']}"),
        settings=script_json(data),
        static=escape(settings.static),
        style=escape(f"{folder}/{MANIFEST['style']}"),
    )


def _themes(settings: PageSettings) -> list[dict[str, Any]]:
    """The questions by theme; one that the demo answers for a vendor's client brings its headers along."""
    headers = {shelf.name: dict(shelf.headers) for shelf in settings.shelves if shelf.headers}
    themes: dict[str, list[dict[str, Any]]] = {}
    for one in settings.questions:
        told = {"title": one.title, "about": about(one), "document": one.document, "variables": one.variables}
        themes.setdefault(one.theme, []).append({**told, "headers": headers.get(one.demo)})
    return [{"title": theme, "questions": questions} for theme, questions in themes.items()]


def _vendor(shelf: Shelf) -> dict[str, Any]:
    urls = [
        {"method": url.method, "address": url.address, "summary": url.summary, "request": url.request}
        for url in shelf.urls
    ]
    return {"title": shelf.title, "urls": urls, "headers": dict(shelf.headers) or None}
