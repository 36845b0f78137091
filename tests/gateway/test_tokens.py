"""Tokens: who is let in, and every trick that must not work."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from gateway.claims import Claims, is_token
from gateway.jwks import AGAIN_S, FRESH_S, LASTING_S, RETRY_S, Jwks
from gateway.tokens import LEEWAY_S, MAX_LENGTH, Tokens
from models.errors import Unauthenticated, Unavailable

NOW = datetime(2026, 5, 6, tzinfo=UTC)
SECRET = "a-shared-secret-that-is-long-enough-to-sign-with"
CLAIM = "app_metadata.organizations"
PRIVATE: dict[str, Any] = {
    "RS256": cache(lambda: rsa.generate_private_key(65537, 2048)),
    "ES256": cache(lambda: ec.generate_private_key(ec.SECP256R1())),
    "EdDSA": cache(ed25519.Ed25519PrivateKey.generate),
}
AS_JWK: dict[str, Any] = {
    "RS256": RSAAlgorithm.to_jwk,
    "ES256": ECAlgorithm.to_jwk,
    "EdDSA": OKPAlgorithm.to_jwk,
}


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Stopwatch:
    """What the JWKS takes for the time that went by."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Issuer:
    """What a real server on this machine publishes, and how often it was asked."""

    url: str = ""
    keys: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    body: bytes | None = None
    asked: int = 0
    was_asked: Event = field(default_factory=Event)
    may_answer: Event = field(default_factory=Event)


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    published = Issuer(keys=[jwk("RS256", "rsa"), jwk("ES256", "ec"), jwk("EdDSA", "ed")])
    published.may_answer.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            published.asked += 1
            published.was_asked.set()
            published.may_answer.wait(2)
            body = json.dumps({"keys": published.keys}).encode() if published.body is None else published.body
            with suppress(ConnectionError):  # whoever asked may have hung up
                self.send_response(published.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.005,))
        thread.start()
        published.url = f"http://127.0.0.1:{server.server_port}/jwks.json"
        yield published
        server.shutdown()
        thread.join()


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Stopwatch:
    stopwatch = Stopwatch()
    monkeypatch.setattr("gateway.jwks.monotonic", stopwatch)
    return stopwatch


@pytest.fixture
async def published(issuer: Issuer, watch: Stopwatch) -> AsyncIterator[Tokens]:
    """Tokens that know the issuer's URL only."""
    tokens = Tokens(Clock(), CLAIM, jwks=Jwks(issuer.url))
    yield tokens
    await tokens.close()


def shared(**more: Any) -> Tokens:
    """Tokens that know the secret only."""
    return Tokens(more.pop("clock", Clock()), more.pop("claim", CLAIM), secret=SECRET, **more)


def jwk(algorithm: str, kid: str | None, **more: Any) -> dict[str, Any]:
    public = AS_JWK[algorithm](PRIVATE[algorithm]().public_key(), as_dict=True)
    return {**public, **({} if kid is None else {"kid": kid}), **more}


def payload(**claims: Any) -> dict[str, Any]:
    told = {
        "sub": "user-1",
        "exp": (NOW + timedelta(hours=1)).timestamp(),
        "app_metadata": {"organizations": ["acme"]},
        **claims,
    }
    return {name: value for name, value in told.items() if value is not ...}


def by_secret(secret: str = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    return jwt.encode(payload(**claims), secret, algorithm)


def by_key(algorithm: str, kid: str | None, **claims: Any) -> str:
    headers = None if kid is None else {"kid": kid}
    return jwt.encode(payload(**claims), PRIVATE[algorithm](), algorithm, headers)


def segment(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def is_refused(tokens: Tokens, token: str) -> bool:
    try:
        await tokens.claims(token)
    except Unauthenticated:
        return True
    return False


# What a token says.


async def test_a_token_signed_with_the_shared_secret_says_who_it_speaks_for() -> None:
    assert await shared().claims(by_secret()) == Claims("user-1", ("acme",))


@pytest.mark.parametrize(("algorithm", "kid"), [("RS256", "rsa"), ("ES256", "ec"), ("EdDSA", "ed")])
async def test_a_token_signed_with_a_published_key_says_who_it_speaks_for(
    published: Tokens, algorithm: str, kid: str
) -> None:
    assert await published.claims(by_key(algorithm, kid)) == Claims("user-1", ("acme",))


@pytest.mark.parametrize(
    ("path", "claims", "organizations"),
    [
        ("app_metadata.organizations", {"app_metadata": {"organizations": ["b", "a", "b"]}}, ("b", "a")),
        ("app_metadata.organizations", {"app_metadata": {"organizations": "a"}}, ("a",)),
        ("org_id", {"org_id": "a"}, ("a",)),
        ("https://heliograph.example/orgs", {"https://heliograph.example/orgs": ["a"]}, ("a",)),
        ("app_metadata.organizations", {"app_metadata": {"organizations": []}}, ()),
        ("app_metadata.organizations", {"app_metadata": {"organizations": None}}, ()),
        ("app_metadata.organizations", {"app_metadata": "organizations"}, ()),
        ("app_metadata.organizations", {"app_metadata": ...}, ()),
        ("orgs", {"orgs": [7, True, "", "a\0", "\ud800", {"a": "b"}, ["c"], "good"]}, ("good",)),
        ("orgs", {"orgs": {"a": "admin"}}, ()),
    ],
)
async def test_organizations_stand_where_the_path_leads(
    path: str, claims: dict[str, Any], organizations: tuple[str, ...]
) -> None:
    found = await shared(claim=path).claims(by_secret(**claims))

    assert found.organizations == organizations


# When it is valid.


async def test_a_token_ends_when_it_says_by_our_clock_and_a_little_leeway() -> None:
    clock = Clock()
    tokens, token = shared(clock=clock), by_secret(exp=NOW.timestamp() + 60)

    clock.now = NOW + timedelta(seconds=60 + LEEWAY_S - 1)
    assert not await is_refused(tokens, token)
    clock.now = NOW + timedelta(seconds=60 + LEEWAY_S)
    assert await is_refused(tokens, token)


async def test_a_token_begins_when_it_says_by_our_clock_and_a_little_leeway() -> None:
    clock = Clock()
    tokens, token = shared(clock=clock), by_secret(nbf=NOW.timestamp() + 60)

    clock.now = NOW + timedelta(seconds=60 - LEEWAY_S - 1)
    assert await is_refused(tokens, token)
    clock.now = NOW + timedelta(seconds=60 - LEEWAY_S)
    assert not await is_refused(tokens, token)


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": ...},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": "9999999999"},
        {"exp": float("nan")},
        {"exp": [9999999999]},
        {"exp": True},
        {"nbf": "yesterday"},
        {"nbf": float("nan")},
        {"nbf": 10**400},
        {"sub": ...},
        {"sub": 7},
    ],
)
async def test_a_token_must_say_whose_it_is_and_when_it_ends(claims: dict[str, Any]) -> None:
    # jwt.encode would not write some of them
    signed = jwt.api_jws.PyJWS().encode(json.dumps(payload(**claims)).encode(), SECRET, "HS256")

    assert await is_refused(shared(), signed)


@pytest.mark.parametrize(
    ("issuer", "audience", "claims", "is_taken"),
    [
        (None, None, {"iss": "anyone", "aud": "anything"}, True),
        ("https://id.example", None, {"iss": "https://id.example"}, True),
        ("https://id.example", None, {"iss": "https://id.example/"}, False),
        ("https://id.example", None, {}, False),
        (None, "authenticated", {"aud": "authenticated"}, True),
        (None, "authenticated", {"aud": ["other", "authenticated"]}, True),
        (None, "authenticated", {"aud": "authenticated-not"}, False),
        (None, "authenticated", {"aud": 7}, False),
        (None, "authenticated", {}, False),
    ],
)
async def test_issuer_and_audience_are_checked_once_they_are_set(
    issuer: str | None, audience: str | None, claims: dict[str, Any], is_taken: bool
) -> None:
    tokens = shared(issuer=issuer, audience=audience)

    assert await is_refused(tokens, by_secret(**claims)) is not is_taken


# Tricks.


async def test_without_a_secret_and_without_published_keys_no_token_is_taken() -> None:
    tokens = Tokens(Clock(), CLAIM)

    assert await is_refused(tokens, by_secret())
    assert await is_refused(tokens, by_key("RS256", "rsa"))


async def test_a_token_of_another_secret_or_a_changed_one_is_refused() -> None:
    head, body, signature = by_secret().split(".")
    other = segment(payload(app_metadata={"organizations": ["rival"]}))

    assert await is_refused(shared(), by_secret("another-secret-that-is-just-as-long-as-ours"))
    assert await is_refused(shared(), f"{head}.{other}.{signature}")
    assert await is_refused(shared(), f"{head}.{body}.")


@pytest.mark.parametrize("name", ["none", "None", "NONE", "", None, 7, ["HS256"], {"HS256": 1}])
async def test_a_token_without_a_signature_is_refused(published: Tokens, name: Any) -> None:
    token = f"{segment({'alg': name, 'typ': 'JWT', 'kid': 'rsa'})}.{segment(payload())}."

    assert await is_refused(shared(), token)
    assert await is_refused(published, token)


async def test_a_public_key_does_not_serve_as_a_shared_secret(published: Tokens) -> None:
    pem = (
        PRIVATE["RS256"]()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    head = segment({"alg": "HS256", "typ": "JWT", "kid": "rsa"})
    signed = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        f"{head}.{segment(payload())}".encode(), pem
    )
    signature = base64.urlsafe_b64encode(signed).rstrip(b"=").decode()

    assert await is_refused(published, f"{head}.{segment(payload())}.{signature}")


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
async def test_the_shared_secret_is_for_hs256_only(algorithm: str) -> None:
    long = SECRET * 2

    assert await is_refused(Tokens(Clock(), CLAIM, long), by_secret(long, algorithm))


@pytest.mark.parametrize(
    ("algorithm", "kid"),
    [("RS256", "ec"), ("ES256", "rsa"), ("EdDSA", "ec"), ("RS256", None), ("ES256", "?")],
)
async def test_a_token_is_verified_with_the_key_it_names_and_that_keys_algorithm(
    published: Tokens, algorithm: str, kid: str | None
) -> None:
    assert await is_refused(published, by_key(algorithm, kid))


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
async def test_other_algorithms_of_a_published_key_are_refused(published: Tokens, algorithm: str) -> None:
    token = jwt.encode(payload(), PRIVATE["RS256"](), algorithm, {"kid": "rsa"})

    assert await is_refused(published, token)


async def test_a_key_that_comes_with_its_token_is_not_believed(published: Tokens, issuer: Issuer) -> None:
    own = rsa.generate_private_key(65537, 2048)
    header = {"kid": "rsa", "jwk": RSAAlgorithm.to_jwk(own.public_key(), as_dict=True), "jku": issuer.url}

    assert await is_refused(published, jwt.encode(payload(), own, "RS256", header))


@pytest.mark.parametrize(
    "key",
    [
        {"kty": "oct", "kid": "k", "k": base64.urlsafe_b64encode(SECRET.encode()).decode(), "alg": "HS256"},
        {"kty": "oct", "kid": "k", "k": base64.urlsafe_b64encode(SECRET.encode()).decode()},
        {"kty": "RSA", "kid": "k", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA", "kid": "k"},
        {"kty": "RSA", "kid": "k", "n": 7, "e": 7},
        {"kty": "EC", "kid": "k", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "EC", "kid": "k", "alg": ["ES256"]},
        {"kty": "RSA", "kid": ["k"], "alg": "none"},
        {"kty": None, "kid": "k"},
        {},
        [],
        "key",
    ],
)
async def test_what_is_published_beside_good_keys_does_no_harm(
    published: Tokens, issuer: Issuer, key: Any
) -> None:
    issuer.keys.insert(0, key)

    assert not await is_refused(published, by_key("RS256", "rsa"))
    assert await is_refused(published, jwt.encode(payload(), SECRET, "HS256", {"kid": "k"}))


async def test_a_key_published_for_encryption_verifies_nothing(published: Tokens, issuer: Issuer) -> None:
    issuer.keys = [jwk("RS256", "rsa", use="enc"), jwk("ES256", "ec", use="sig", alg="ES256")]

    assert await is_refused(published, by_key("RS256", "rsa"))
    assert not await is_refused(published, by_key("ES256", "ec"))


async def test_a_key_of_another_algorithm_verifies_nothing(published: Tokens, issuer: Issuer) -> None:
    issuer.keys = [jwk("RS256", "rsa", alg="RS512")]

    assert await is_refused(published, by_key("RS256", "rsa"))


async def test_a_weak_key_verifies_nothing(published: Tokens, issuer: Issuer) -> None:
    weak = rsa.generate_private_key(65537, 1024)
    issuer.keys = [{**RSAAlgorithm.to_jwk(weak.public_key(), as_dict=True), "kid": "weak"}]
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = jwt.encode(payload(), weak, "RS256", {"kid": "weak"})

    assert await is_refused(published, token)


async def test_a_token_is_eight_kilobytes_at_most() -> None:
    spare = MAX_LENGTH - len(by_secret(more="")) - 8

    assert not await is_refused(shared(), by_secret(more="x" * (spare * 3 // 4)))
    assert await is_refused(shared(), by_secret(more="x" * spare))


@pytest.mark.parametrize(
    "token",
    [
        "..",
        "a.b.c",
        "....",
        "é.ü.ß",
        "\ud800.a.b",
        f"{base64.urlsafe_b64encode(b'[' * 5000).decode()}.e30.e30",
        f"{base64.urlsafe_b64encode(b'1' * 5000).decode().rstrip('=')}.e30.e30",
        f"{base64.urlsafe_b64encode(bytes([255, 254, 0])).decode()}.e30.e30",
        f"{segment({'alg': 'HS256', 'b64': False, 'crit': ['b64']})}..e30",
        f"{segment({'alg': 'HS256', 'crit': ['x']})}.e30.e30",
        f"{segment({'alg': 'RS256', 'kid': 7})}.e30.e30",
        f"{segment({'alg': 'RS256', 'kid': ['rsa']})}.e30.e30",
        f"{segment([])}.e30.e30",
    ],
)
async def test_a_malformed_token_is_refused_and_breaks_nothing(published: Tokens, token: str) -> None:
    assert await is_refused(shared(), token)
    assert await is_refused(published, token)


@pytest.mark.parametrize("body", [b"[" * 5000, b"null", b"7", b"", b"\xff", b'{"exp": 1e999999}'])
async def test_a_signed_payload_that_is_no_object_is_refused_and_breaks_nothing(body: bytes) -> None:
    assert await is_refused(shared(), jwt.api_jws.PyJWS().encode(body, SECRET, "HS256"))


@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=60))
def test_any_text_is_refused_and_breaks_nothing(text: str) -> None:
    head = segment({"alg": "HS256"})

    for token in (text, f"{head}.{text}", f"{head}.{text}.{text}"):
        assert asyncio.run(is_refused(shared(), token))


def test_what_has_three_parts_is_a_token_and_no_key_has() -> None:
    assert is_token(by_secret())
    assert not is_token("hg_live_3kTMd")
    assert not is_token("a.b")
    assert not is_token("a.b.c.d")


# Fetching what an issuer publishes.


async def test_published_keys_are_fetched_once_and_again_when_they_have_grown_old(
    published: Tokens, issuer: Issuer, watch: Stopwatch
) -> None:
    for kid, algorithm in (("rsa", "RS256"), ("ec", "ES256"), ("ed", "EdDSA")):
        await published.claims(by_key(algorithm, kid))
    assert issuer.asked == 1

    watch.seconds += FRESH_S + 1
    await published.claims(by_key("RS256", "rsa"))
    assert issuer.asked == 2


async def test_requests_that_come_together_fetch_the_keys_once(published: Tokens, issuer: Issuer) -> None:
    token = by_key("ES256", "ec")

    found = await asyncio.gather(*(published.claims(token) for _ in range(20)))

    assert set(found) == {Claims("user-1", ("acme",))}
    assert issuer.asked == 1


async def test_a_new_key_is_fetched_when_it_turns_up_but_not_more_than_twice_a_minute(
    published: Tokens, issuer: Issuer, watch: Stopwatch
) -> None:
    await published.claims(by_key("RS256", "rsa"))
    issuer.keys.append(jwk("ES256", "new"))
    watch.seconds += AGAIN_S - 1
    assert await is_refused(published, by_key("ES256", "new"))
    assert issuer.asked == 1

    watch.seconds += 1
    assert not await is_refused(published, by_key("ES256", "new"))
    for _ in range(5):
        assert await is_refused(published, by_key("ES256", "made-up"))
    assert issuer.asked == 2


async def test_a_key_that_is_withdrawn_is_not_taken_for_long(
    published: Tokens, issuer: Issuer, watch: Stopwatch
) -> None:
    await published.claims(by_key("RS256", "rsa"))
    issuer.keys = []

    watch.seconds += FRESH_S + 1

    assert await is_refused(published, by_key("RS256", "rsa"))


async def test_a_key_and_a_token_may_both_go_without_an_id(published: Tokens, issuer: Issuer) -> None:
    issuer.keys = [jwk("ES256", None)]

    assert not await is_refused(published, by_key("ES256", None))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (404, b"{}"),
        (302, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"keys": 7}'),
        (200, b"\xff"),
    ],
)
async def test_while_no_key_can_be_had_a_token_is_neither_good_nor_bad(
    published: Tokens, issuer: Issuer, watch: Stopwatch, status: int, body: bytes
) -> None:
    issuer.status, issuer.body = status, body
    for _ in range(5):
        with pytest.raises(Unavailable, match="keys that sign tokens"):
            await published.claims(by_key("RS256", "rsa"))
    assert issuer.asked == 1

    issuer.status, issuer.body = 200, None
    watch.seconds += RETRY_S
    assert not await is_refused(published, by_key("RS256", "rsa"))


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://[/", "http://.."])
async def test_an_issuer_that_is_not_there_is_no_fault_of_the_caller(url: str) -> None:
    tokens = Tokens(Clock(), CLAIM, SECRET, Jwks(url))

    with pytest.raises(Unavailable):
        await tokens.claims(by_key("RS256", "rsa"))
    assert not await is_refused(tokens, by_secret())
    await tokens.close()


async def test_known_keys_serve_for_an_hour_while_the_issuer_is_away(
    published: Tokens, issuer: Issuer, watch: Stopwatch
) -> None:
    await published.claims(by_key("RS256", "rsa"))
    issuer.status = 503

    watch.seconds += LASTING_S
    assert not await is_refused(published, by_key("RS256", "rsa"))
    watch.seconds += 1
    with pytest.raises(Unavailable):
        await published.claims(by_key("RS256", "rsa"))


async def test_nobody_whose_key_is_known_waits_for_an_issuer_that_hangs_but_the_first(
    published: Tokens, issuer: Issuer, watch: Stopwatch
) -> None:
    token = by_key("RS256", "rsa")
    await published.claims(token)
    issuer.may_answer.clear()
    issuer.was_asked.clear()
    watch.seconds += FRESH_S + 1

    first = asyncio.create_task(published.claims(token))
    await asyncio.to_thread(issuer.was_asked.wait, 2)
    second = await published.claims(token)

    assert second.subject == "user-1"
    assert not first.done()
    issuer.may_answer.set()
    assert await first == second


async def test_an_issuer_that_hangs_counts_as_away(
    published: Tokens, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.jwks.TIMEOUT_S", 0.02)
    issuer.may_answer.clear()

    with pytest.raises(Unavailable):
        await published.claims(by_key("RS256", "rsa"))
    issuer.may_answer.set()


async def test_a_secret_and_published_keys_serve_side_by_side(issuer: Issuer) -> None:
    tokens = Tokens(Clock(), CLAIM, SECRET, Jwks(issuer.url))

    assert not await is_refused(tokens, by_secret())
    assert issuer.asked == 0
    assert not await is_refused(tokens, by_key("EdDSA", "ed"))
    await tokens.close()
