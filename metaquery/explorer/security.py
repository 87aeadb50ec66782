"""`Guard`: who may ask. Wraps the application: what it refuses is never seen by it.

Whoever is on this machine can reach the port, and so can every page in the browser, by the user's hand. So a request
has to know a token, which is in the URL that is opened and becomes a cookie; has to name this machine as its host, as
otherwise a name of somebody else's could be turned to point here (DNS rebinding); and has to come from no other page.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from metaquery.explorer.failures import refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Guard", "Secrets"]

PARAMETER = "token"
OURS = "x-metaquery"
"""A header that no page of another origin can send without being asked for first, which is refused."""

_READING = frozenset({"GET", "HEAD"})

_POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

_ALWAYS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
}
"""Headers of every answer; one that an answer has already stays."""


@dataclass(frozen=True)
class Secrets:
    """What a browser has to know; made anew by each process.

    Attributes
    ----------
    token
        In the URL that is opened; scripts send it as `Authorization: Bearer`.
    cookie
        What the browser is given for it.
    once
        In the URL that the browser is started with, which others on this machine may see: good for one request.
    """

    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    once: set[str] = field(default_factory=lambda: {secrets.token_urlsafe(32)}, repr=False)

    def opens(self, given: str) -> bool:
        """Whether a token of a URL is good; one that is good once is not again."""
        found = [token for token in self.once if _same(given, token)]
        self.once.difference_update(found)
        return bool(found) or _same(given, self.token)


class Guard:
    """An application that only the user of this process can ask.

    Parameters
    ----------
    application
        What answers.
    secrets
        What a request has to know.
    port
        Where it is served.
    read_only
        Whether every request that could change something is refused.
    """

    def __init__(self, application: ASGIApp, secrets: Secrets, *, port: int, read_only: bool) -> None:
        self._application = application
        self._secrets = secrets
        self._hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
        self._origins = frozenset(f"http://{host}" for host in self._hosts)
        self._cookie = f"metaquery_{port}"  # browsers tell ports of one host not apart
        self._read_only = read_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            return
        sent = _with_headers(send, api=scope["path"].startswith("/api/"))
        refused = self._refused(scope)
        if refused is not None:
            await _readable(refused, scope)(scope, receive, sent)
        else:
            await self._application(scope, receive, sent)

    def _refused(self, scope: Scope) -> Response | None:
        """Return what is answered instead; None where the request is good."""
        headers, method = Headers(scope=scope), scope["method"]
        if headers.get("host") not in self._hosts:
            return refusal(421, "host", "this is not a name of this machine", f"open {min(self._origins)}")
        if not self._is_from_here(headers, scope["path"]):
            return refusal(403, "origin", "another page may not ask here")
        if method not in {*_READING, "POST"}:
            return refusal(405, "method", f"{method} is not understood", headers={"allow": "GET, HEAD, POST"})
        opened = self._opened(scope) if method in _READING else None
        if opened is None and not (self._has_token(headers) or self._has_cookie(headers, method)):
            return refusal(401, "token", "the token is missing", "open the address that metaquery explore has printed")
        if self._read_only and method == "POST":
            return refusal(403, "read_only", "this Explorer is read-only", "start it without --read-only")
        return opened

    def _is_from_here(self, headers: Headers, path: str) -> bool:
        origin = headers.get("origin")
        if origin is not None and origin not in self._origins:
            return False
        site = headers.get("sec-fetch-site", "none")
        return site in {"none", "same-origin"} or not path.startswith("/api/")

    def _opened(self, scope: Scope) -> Response | None:
        """Turn the token in the URL into the cookie, by a redirect that has it no more."""
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = [value for name, value in pairs if name == PARAMETER]
        if not given:
            return None
        if len(given) > 1 or not self._secrets.opens(given[0]):
            return refusal(401, "token", "the token is not that of this Explorer", "it is another one at each start")
        rest = urlencode([(name, value) for name, value in pairs if name != PARAMETER])
        there = f"/{scope['path'].lstrip('/')}{'?' if rest else ''}{rest}"
        response = RedirectResponse(there, 303)
        response.set_cookie(self._cookie, self._secrets.cookie, httponly=True, samesite="strict", path="/")
        return response

    def _has_token(self, headers: Headers) -> bool:
        kind, _, token = headers.get("authorization", "").partition(" ")
        return kind.lower() == "bearer" and _same(token.strip(), self._secrets.token)

    def _has_cookie(self, headers: Headers, method: str) -> bool:
        if method == "POST" and OURS not in headers:
            return False
        cookies = [piece.strip().partition("=") for piece in headers.get("cookie", "").split(";")]
        return any(name == self._cookie and _same(value, self._secrets.cookie) for name, _, value in cookies)


def _readable(refused: Response, scope: Scope) -> Response:
    """Return a refusal as a person reads it, where a person opened the address."""
    if refused.status_code < 400 or "text/html" not in Headers(scope=scope).get("accept", ""):
        return refused
    told = json.loads(bytes(refused.body))["error"]
    words = "\n".join(filter(None, (told["message"], told["hint"])))
    return PlainTextResponse(f"{words}\n", refused.status_code)


def _same(given: str, wanted: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())


def _with_headers(send: Send, *, api: bool) -> Send:
    """Return a `send` that adds to every answer what browsers have to know."""
    always: dict[str, Any] = {**_ALWAYS, **({"cache-control": "no-store"} if api else {})}

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in always.items():
                headers.setdefault(name, value)
        await send(message)

    return sent
