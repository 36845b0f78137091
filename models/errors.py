"""Every error this system says out loud.

Raise one anywhere below the door: GraphQL puts `code` and `details` into the answer, the shims turn
them into their vendor's envelope. The docstring is the sentence the caller reads.
"""

from __future__ import annotations

RETRY_AFTER_S = 1  # once the store is back, the first request finds it


class HeliographError(Exception):
    """Something went wrong on our side; it is logged under the request id."""

    code = "INTERNAL"
    status = 500

    def __init__(self, message: str | None = None, **details: object) -> None:
        super().__init__(message or (self.__doc__ or "").strip().splitlines()[0])
        self.details = details

    @property
    def message(self) -> str:
        """The sentence for the caller."""
        return str(self.args[0])


class Unauthenticated(HeliographError):
    """No valid API key came with the request; send 'Authorization: Bearer <key>'."""

    code, status = "UNAUTHENTICATED", 401


class MissingScope(HeliographError):
    """This key does not carry the scope that the request needs."""

    code, status = "FORBIDDEN", 403


class NotAMember(HeliographError):
    """That organization is not one of yours."""

    code, status = "FORBIDDEN", 403


class NotFound(HeliographError):
    """There is no such thing here."""

    code, status = "NOT_FOUND", 404


class MethodNotAllowed(HeliographError):
    """This address does not take that method."""

    code, status = "METHOD_NOT_ALLOWED", 405


class InvalidInput(HeliographError):
    """A value is missing or malformed."""

    code, status = "INVALID_INPUT", 400


class InvalidRange(InvalidInput):
    """The start of the window must come before its end."""

    code = "INVALID_TIME_RANGE"


class UnknownTimezone(InvalidInput):
    """That is not an IANA time zone, such as Europe/Madrid or UTC."""

    code = "UNKNOWN_TIMEZONE"


class InvalidCursor(InvalidInput):
    """The cursor does not belong to this question; start again without it."""

    code = "INVALID_CURSOR"


class WindowTooLarge(HeliographError):
    """The window holds more buckets than an answer carries; ask for a shorter one or for coarser buckets."""

    code, status = "WINDOW_TOO_LARGE", 422


class GranularityNotAvailable(HeliographError):
    """Your plan does not include buckets this fine."""

    code, status = "GRANULARITY_NOT_AVAILABLE", 422


class TooManyGroups(HeliographError):
    """The answer would hold too many groups; group by fewer dimensions or filter first."""

    code, status = "TOO_MANY_GROUPS", 422


class TooMuchAtOnce(HeliographError):
    """The request would answer with too many values; ask for fewer buckets or fields, or for columns."""

    code, status = "TOO_MUCH_AT_ONCE", 422


class DocumentTooBig(HeliographError):
    """The document is longer, deeper or wider than a document may be."""

    code, status = "DOCUMENT_TOO_BIG", 400


class UnknownDocument(HeliographError):
    """No document of this id is known here; send the whole document, or have the id registered first."""

    code, status = "PERSISTED_QUERY_NOT_FOUND", 404


class UntrustedDocument(HeliographError):
    """This gateway runs registered documents only; send the `documentId` of one instead of a text."""

    code, status = "PERSISTED_QUERY_REQUIRED", 403


class Expired(HeliographError):
    """What this asks for is no longer kept."""

    code, status = "EXPIRED", 400


class HistoryWouldGo(HeliographError):
    """This upgrade would lose days and months that cannot be counted anew; make a backup first."""

    code, status = "HISTORY_WOULD_GO", 409


class RateLimited(HeliographError):
    """Too many requests in too short a time; wait as long as Retry-After says."""

    code, status = "RATE_LIMITED", 429


class TooManyExports(HeliographError):
    """Too many exports of yours are not finished yet; wait for some of them."""

    code, status = "TOO_MANY_EXPORTS", 429


class TooManyOperations(HeliographError):
    """Too many operations run on this connection; complete some of them first."""

    code, status = "TOO_MANY_OPERATIONS", 429


class TooManyRows(HeliographError):
    """The export holds more rows than its format takes; choose another format or ask for less."""

    code, status = "TOO_MANY_ROWS", 422


class TextTooLong(HeliographError):
    """A text is longer than a cell of this format holds; choose another format."""

    code, status = "TEXT_TOO_LONG", 422


class FormatNotAvailable(HeliographError):
    """This gateway cannot write that format; choose another one."""

    code, status = "FORMAT_NOT_AVAILABLE", 422


class LinkExpired(HeliographError):
    """This link has expired; ask for the export again."""

    code, status = "LINK_EXPIRED", 410


class PayloadTooLarge(HeliographError):
    """The body is larger than this endpoint takes; send it in smaller parts."""

    code, status = "PAYLOAD_TOO_LARGE", 413


class Unavailable(HeliographError):
    """The store does not answer right now; try again in a moment."""

    code, status = "UNAVAILABLE", 503


class TookTooLong(Unavailable):
    """This took too long; ask for less at once: a shorter window, coarser buckets, fewer groups or fields."""

    code = "TOOK_TOO_LONG"
