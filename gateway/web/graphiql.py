"""GraphiQL from our own files: the page, the policy it lives under, and the folder it loads from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from types import MappingProxyType

from gateway.web.questions import Question, about

STATIC = Path(__file__).parent / "static"
PAGE = (Path(__file__).parent / "graphiql.html").read_text(encoding="utf-8")
MANIFEST = json.loads((STATIC / "graphiql" / "manifest.json").read_text(encoding="utf-8"))
NO_KEY = MappingProxyType({"Authorization": "Bearer "})

# Monaco writes style attributes and style elements, and some of its pictures are data: addresses.
CSP = "; ".join(
    (
        "default-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

# Inside a script element a `<` could end it; JSON lets us write these as \\u003c and so on.
UNSAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class PageSettings:
    """What one page is made from: where to ask, what to prefill, what to offer."""

    endpoint: str = "/graphql"
    headers: Mapping[str, str] = field(default_factory=lambda: NO_KEY)
    questions: tuple[Question, ...] = ()
    static: str = "/static"


def script_json(data: object) -> str:
    """JSON that may stand inside an HTML script element, whatever its strings hold."""
    return json.dumps(data, ensure_ascii=False).translate(UNSAFE)


def page(settings: PageSettings) -> str:
    """The HTML page for a browser; send it with `CSP`, and uncached when it carries a key."""
    folder = f"{settings.static}/graphiql"
    data = {
        "endpoint": settings.endpoint,
        "headers": dict(settings.headers),
        "questions": [
            {"title": q.title, "about": about(q), "document": q.document, "variables": q.variables}
            for q in settings.questions
        ],
    }
    return PAGE.format(
        script=escape(f"{folder}/{MANIFEST['script']}"),
        settings=script_json(data),
        static=escape(settings.static),
        style=escape(f"{folder}/{MANIFEST['style']}"),
    )
