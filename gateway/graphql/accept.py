"""Which media type an answer takes: the caller's favourite of those that fit the document."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

from gateway.door import Manner


class Media(Enum):
    """The types we answer with."""

    JSON = "application/json"
    GRAPHQL = "application/graphql-response+json"
    EVENTS = "text/event-stream"
    PARTS = "multipart/mixed"


# What can carry a document, the best first. Whatever the Accept header says of a stream, a plain question is
# answered as JSON where that will do: clients such as urql always name streams too.
CARRIERS = {
    Manner.ONCE: (Media.GRAPHQL, Media.JSON, Media.EVENTS),
    Manner.IN_PARTS: (Media.PARTS, Media.EVENTS, Media.GRAPHQL, Media.JSON),
    Manner.LIVE: (Media.EVENTS, Media.GRAPHQL, Media.JSON),
}
OLD_PARTS = "deferspec="  # those of an earlier draft, for Apollo Client 3; it would drop ours without a word
MOST_NAMED = 100  # media types of a header that are looked at
SHORT = 300  # characters of an Accept header that is remembered
SINGLE = (Media.GRAPHQL, Media.JSON)


def media_for(accept: str, manner: Manner) -> Media | None:
    """The type to answer with; None when nothing that the caller accepts will do."""
    return (_remembered if len(accept) <= SHORT else _media_for)(accept, manner)


def _media_for(accept: str, manner: Manner) -> Media | None:
    if not accept.strip():
        return Media.JSON
    qualities = _qualities(accept)
    carriers = [media for media in CARRIERS[manner] if qualities[media] > 0]
    if not carriers:
        return None
    if carriers[0] not in SINGLE:
        return carriers[0]
    return max(carriers, key=lambda media: qualities[media])  # the first of equal ones


_remembered = lru_cache(maxsize=256)(_media_for)


def media_for_refusals(accept: str) -> Media:
    """The type of what is refused before anybody knows what it asks; JSON for who takes streams only."""
    media = media_for(accept, Manner.ONCE)
    return Media.JSON if media is None or media not in SINGLE else media


def _qualities(accept: str) -> dict[Media, float]:
    named: dict[Media, float] = {}
    for part in accept.split(",", MOST_NAMED)[:MOST_NAMED]:
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if not any(parameter.startswith(OLD_PARTS) for parameter in parameters):
            for media in _meant(kind):
                is_exact = kind == media.value
                if is_exact or media not in named:  # what is named counts for more than what any would do
                    named[media] = _quality(parameters)
    return {media: named.get(media, 0.0) for media in Media}


def _meant(kind: str) -> list[Media]:
    if kind in ("*/*", "application/*"):
        return [Media.JSON]
    return [media for media in Media if media.value == kind]


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0
