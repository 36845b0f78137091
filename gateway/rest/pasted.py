"""What people paste (a request line, an address, a whole curl command) as the request that it stands for.

Headers, cookies and passwords are dropped while reading: nothing here keeps them, and no error repeats them.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from getopt import GetoptError, gnu_getopt
from itertools import takewhile
from urllib.parse import parse_qsl, quote_plus, unquote

from models.errors import InvalidInput

MOST = 64 * 1024
MOST_WORDS = 500
NO_URL = (
    "There is no URL in this. Paste a request such as 'GET /api/analytics/trends?metric=campaigns', "
    "an address, or a curl line."
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BODY = re.compile(r"\s(\{\s*[\"}].*|\[.*)", re.DOTALL)
CURL = re.compile(r"(?:#[^\n]*\n\s*|[$%>]\s+|\w+=\S*\s+)*curl(?:\.exe)?\s")
CONTINUED = re.compile(r"[\\^`]\n")
ESCAPED = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.DOTALL)  # as browsers copy what holds an apostrophe
ENDS = frozenset({"|", "||", "&", "&&", ";", ">", ">>", "2>", "2>&1"})  # of a command in a shell
SCHEME = re.compile(r"[A-Za-z][\w+.-]*://")
HOST = re.compile(r"[^/]*[.:$<{][^/]*|localhost")  # also one that is yet to be filled in: $URL, {{base}}

SHORT = "X:H:d:u:A:b:c:C:e:m:o:w:x:E:GIsSlLkfvigN46#OJRj0"
LONG = (
    *("request=", "header=", "data=", "data-raw=", "data-ascii=", "data-binary=", "data-urlencode="),
    *("json=", "url=", "url-query=", "user=", "user-agent=", "cookie=", "cookie-jar=", "referer="),
    *("max-time=", "connect-timeout=", "output=", "write-out=", "proxy=", "cert=", "key=", "cacert="),
    *("oauth2-bearer=", "resolve=", "retry=", "retry-delay=", "retry-max-time=", "max-redirs="),
    *(
        "get",
        "head",
        "silent",
        "show-error",
        "location",
        "insecure",
        "fail",
        "fail-with-body",
        "fail-early",
        "verbose",
    ),
    *(
        "include",
        "globoff",
        "no-buffer",
        "ipv4",
        "ipv6",
        "compressed",
        "http1.0",
        "http1.1",
        "http2",
        "http2-prior-knowledge",
    ),
    *("http3", "basic", "progress-bar", "no-progress-meter", "remote-name", "path-as-is", "netrc"),
)


@dataclass(frozen=True)
class Pasted:
    """A request: `method` is None where only an address was given."""

    method: str | None
    path: str
    query: tuple[tuple[str, str], ...]
    body: bytes = b""


def pasted(text: str) -> Pasted:
    """The request that a text stands for. Raises InvalidInput."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) > MOST:
        raise InvalidInput(f"That is more than {MOST} characters; paste one request.")
    if found := CURL.match(text):
        return _of_curl(text[found.end() :])
    return _of_line(text)


def _of_line(text: str) -> Pasted:
    """METHOD address, and a JSON body behind them; headers between the two are passed over."""
    body = ""
    if found := BODY.search(text):
        text, body = text[: found.start()], found[1]
    first, *more = text.split("\n")
    # a query may be written on lines of its own
    line = first.strip() + "".join(takewhile(lambda part: part[:1] in ("?", "&"), map(str.strip, more)))
    method, rest = (*line.split(None, 1), "", "")[:2]
    is_method = method.upper() in METHODS
    address, _, version = (rest if is_method else line).strip().rpartition(" ")
    if not version.upper().startswith("HTTP/"):
        address = f"{address} {version}".strip()
    path, query = _address(address.strip("'\"`<>"))
    return Pasted(method.upper() if is_method else None, path, query, _bytes(body))


def _address(text: str, more: Iterable[str] = ()) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The path and the query of an address, on whatever host. Raises InvalidInput."""
    place, _, query = text.partition("#")[0].partition("?")
    scheme = SCHEME.match(place)
    place = place[scheme.end() :] if scheme else place
    host, slash, path = place.partition("/")
    if not slash or " " in place:
        raise InvalidInput(NO_URL)
    path = f"/{path}" if scheme or not host or HOST.fullmatch(host) else f"/{place}"
    query = "&".join(part for part in (query, *more) if part)
    return unquote(path), tuple(parse_qsl(query, keep_blank_values=True))


def _of_curl(text: str) -> Pasted:
    try:
        words = _words(CONTINUED.sub(" ", text))
    except UnicodeDecodeError as error:
        raise InvalidInput("The curl line holds an escape that we cannot read.") from error
    except ValueError as error:
        raise InvalidInput("A quote of the curl line is not closed.") from error
    if len(words) > MOST_WORDS:
        raise InvalidInput(f"The curl line has more than {MOST_WORDS} words; paste one request.")
    try:
        options, addresses = gnu_getopt(list(takewhile(lambda word: word not in ENDS, words)), SHORT, LONG)
    except GetoptError as error:
        option = f"{'-' if len(error.opt) == 1 else '--'}{error.opt}"
        raise InvalidInput(f"The curl line has an option that we cannot read: {option}.") from None
    given = {name.lstrip("-"): value for name, value in options}
    addresses += [value for name, value in options if name == "--url"]
    if len(addresses) > 1:
        raise InvalidInput("Paste one request at a time.")
    data = [
        _data(name, value) for name, value in options if name == "-d" or name.startswith(("--data", "--json"))
    ]
    more = [_data(name, value) for name, value in options if name == "--url-query"]
    is_get = "G" in given or "get" in given
    address = _address(addresses[0] if addresses else "", [*more, *(data if is_get else ())])
    sent = [] if is_get else data
    body = ("" if "json" in given else "&").join(sent)
    return Pasted(_method(given, bool(sent)), *address, _bytes(body))


def _words(text: str) -> list[str]:
    """The words of a command of a POSIX shell or, with ^ before its quotes, of Windows. Raises ValueError."""
    if '^"' in text:
        text = re.sub(r"\^(.)", r"\1", text)
    return shlex.split(ESCAPED.sub(lambda found: shlex.quote(_unescaped(found[1])), text))


def _unescaped(text: str) -> str:
    return text.encode("latin-1", "backslashreplace").decode("unicode_escape")


def _method(given: dict[str, str], is_sending: bool) -> str:
    """What curl would send."""
    named = given.get("X") or given.get("request")
    if named:
        return named.upper()
    return "HEAD" if "I" in given or "head" in given else "POST" if is_sending else "GET"


def _data(option: str, value: str) -> str:
    """What an option of curl adds to the body or the query. Raises InvalidInput for a file."""
    if option == "--data-raw":
        return value
    if value.startswith("@"):
        raise InvalidInput("The curl line reads its body from a file; paste what is in it instead.")
    if option in ("--data-urlencode", "--url-query") and not value.startswith("+"):
        name, equals, content = value.partition("=")
        return f"{name}{equals}{quote_plus(content)}" if equals else quote_plus(name)
    return value


def _bytes(text: str) -> bytes:
    return text.encode(errors="replace")  # half a pair of surrogates is no text
