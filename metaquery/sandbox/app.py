"""The stand-in as an ASGI application: verify, log, fail on request, answer.

One request at a time is computed, on the event loop; long answers are written in pieces, so that several
clients are served side by side and nothing needs a lock.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import struct
import sys
import traceback
import zlib
from collections import deque
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, unquote

from starlette.responses import Response, StreamingResponse

from metaquery.sandbox import legacy, links, routes
from metaquery.sandbox.answers import Call, LegacyRefusal, Refusal, Reply, encode
from metaquery.sandbox.clock import now
from metaquery.sandbox.faults import Faults
from metaquery.sandbox.legacy_call import peek
from metaquery.sandbox.signatures import Unauthenticated
from metaquery.sandbox.spoiling import edit_a_unit, spoilt
from metaquery.sandbox.withholding import named_as_failed, withheld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import Message, Receive, Scope, Send

    from metaquery.sandbox.faults import Fault
    from metaquery.sandbox.keeping import Kept
    from metaquery.sandbox.state import Organisation

__all__ = ["Application"]

_LOG_LENGTH: Final = 200_000
_SMALL: Final = 512
_LARGE: Final = 65_536
"""From here on compressing is left to a thread, so that others get their turn."""


class _CutShortError(Exception):
    """Raised after half a body, so that the server closes the connection."""


class Application:
    """ASGI application over one organisation.

    Parameters
    ----------
    org
        What is served, and whose keys are accepted.
    kept
        Where it is kept; None is nowhere.
    """

    def __init__(self, org: Organisation, kept: Kept | None = None) -> None:
        self._org = org
        self._kept = kept
        self._faults = Faults()
        self._log: deque[dict[str, Any]] = deque(maxlen=_LOG_LENGTH)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        body = await _read(receive)
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        path = unquote(scope["raw_path"].decode("ascii"))
        if path in {"/sandbox/faults", "/sandbox/requests"}:
            await _send(self._control(scope["method"], path, body), headers, scope, receive, send)
            return
        await self._serve(_Request(scope, headers, path, body), receive, send)

    def _control(self, method: str, path: str, body: bytes) -> Reply:
        try:
            if path == "/sandbox/requests":
                if method == "DELETE":
                    self._log.clear()
                return Reply(encode({"requests": list(self._log)}))
            if method == "DELETE":
                self._faults.clear()
                return Reply(encode({"rules": 0}))
            return Reply(encode({"rules": self._faults.replace(body)}))
        except Refusal as refusal:
            return Reply(encode({"message": refusal.message}), refusal.status)

    async def _serve(self, request: _Request, receive: Receive, send: Send) -> None:
        query_type, query_method = peek(request.body) if request.is_legacy else ("", "")
        entry: dict[str, Any] = {
            "method": request.method, "target": request.target, "query_type": query_type,
            "query_method": query_method, "status": 0, "envelope_status": None,
            "signature": request.headers.get("authorization") or request.headers.get("signature", ""),
        }  # fmt: skip
        self._log.append(entry)
        described = f"{request.method} {request.target} {query_type}".rstrip()
        fault = self._faults.pick(described, query_method)
        rule = None if fault is None else fault.rule
        if rule is not None and rule.kind == "delay":
            await asyncio.sleep(rule.delay_s)
            rule = None
        if fault is not None and rule is not None and rule.kind == "edit":
            edit_a_unit(self._org, fault.dice, quiet=rule.quiet)
            rule = None
        if rule is not None and rule.kind in {"status", "envelope", "reset", "die"} and not rule.apply:
            reply = Reply(b"")
        else:
            reply = await self._answer(request, fault)
            if self._kept is not None and request.method != "GET":
                self._kept.write(self._org)
        if rule is not None and rule.kind == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if fault is not None and rule is not None and rule.kind not in {"refuse", "swallow"}:
            if rule.delay_s:
                await asyncio.sleep(rule.delay_s)
            if rule.kind == "reset":
                _drop(request.scope)
                return
            reply = spoilt(rule, reply, fault.dice)
        entry["status"], entry["envelope_status"] = reply.status, reply.envelope_status
        if rule is not None and rule.kind == "truncate":
            await _send_half(reply, send)
        await _send(reply, request.headers, request.scope, receive, send)

    async def _answer(self, request: _Request, fault: Fault | None = None) -> Reply:
        try:
            if request.path.startswith("/sandbox/"):
                return links.answer(self._org, request.call(""))
            try:
                key = self._authenticate(request)
            except Unauthenticated as refused:
                return _refuse(request, refused)
            answer: Callable[[Organisation, Call], Reply] = legacy.answer if request.is_legacy else routes.answer
            return self._part(fault, answer, request.call(key))
        except Exception:  # noqa: BLE001 - a fault of ours must be seen, and must not take the server down
            traceback.print_exc(file=sys.stderr)
            return Reply(encode({"message": "the sandbox failed; its standard error says why"}), 500)

    def _part(self, fault: Fault | None, answer: Callable[[Organisation, Call], Reply], call: Call) -> Reply:
        """Answer a call, or do a part of it where a rule says so."""
        if fault is None or fault.rule.kind not in {"refuse", "swallow"}:
            return answer(self._org, call)
        call.body, taken = withheld(call.body, fault.dice, fault.rule.share)
        reply = answer(self._org, call)
        if fault.rule.kind == "refuse":
            named_as_failed(reply, taken)
        return reply

    def _authenticate(self, request: _Request) -> str:
        if request.is_legacy:
            return self._org.keys.check_legacy(request.headers, request.body)
        return self._org.keys.check_v2(request.method, request.target, request.headers, request.body, at=now())


class _Request:
    """A request as it came in."""

    __slots__ = ("body", "headers", "is_legacy", "method", "path", "scope", "target")

    def __init__(self, scope: Scope, headers: dict[str, str], path: str, body: bytes) -> None:
        self.scope = scope
        self.headers = headers
        self.path = path
        self.body = body
        self.method: str = scope["method"]
        query: bytes = scope["query_string"]
        self.target = (scope["raw_path"] + (b"?" + query if query else b"")).decode("latin-1")
        self.is_legacy = path in {"/public", "/public/user"} and self.method == "POST"

    def call(self, key: str) -> Call:
        return Call(
            method=self.method,
            path=self.path,
            base_url=f"http://{self.headers.get('host', '127.0.0.1')}",
            params=parse_qs(self.scope["query_string"].decode("latin-1"), keep_blank_values=True),
            body=self.body,
            public_key=key,
            resource_type=self.headers.get("resourcetype", "") if self.path == "/public" else "",
            resource_id=self.headers.get("resourceid", "") if self.path == "/public" else "",
        )


def _refuse(request: _Request, refused: Unauthenticated) -> Reply:
    if not request.is_legacy:
        return Reply(encode({"message": f"Signature or key not accepted: {refused.message}."}), 401)
    code = "SSH_KEY_NOT_FOUND_ERROR" if refused.unknown_key else "AUTHENTICATION_ERROR"
    return Reply(LegacyRefusal(code, refused.message, 401).body(), envelope_status=401)


async def _read(receive: Receive) -> bytes:
    parts = []
    while True:
        message: Message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _send_half(reply: Reply, send: Send) -> None:
    """Announce the whole body, send half of it, and make the server close the connection."""
    body = reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)
    length = max(len(body), 2)
    head = [(b"content-type", reply.media_type.encode()), (b"content-length", str(length).encode())]
    await send({"type": "http.response.start", "status": reply.status, "headers": head})
    await send({"type": "http.response.body", "body": body[: length // 2], "more_body": True})
    raise _CutShortError


def _drop(scope: Scope) -> None:
    """Break the connection at once, without an answer."""
    transport = scope["state"]["transport"]
    raw = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _send(reply: Reply, headers: dict[str, str], scope: Scope, receive: Receive, send: Send) -> None:
    zipped = "gzip" in headers.get("accept-encoding", "")
    response: Response
    if isinstance(reply.body, bytes):
        body = reply.body
        if zipped and len(body) > _SMALL:
            body = await _gzip(body)
            reply.headers["Content-Encoding"] = "gzip"
        response = Response(body, reply.status, reply.headers, reply.media_type)
    else:
        if zipped:
            reply.headers["Content-Encoding"] = "gzip"
        pieces = _pieces(reply.body, zipped=zipped)
        response = StreamingResponse(pieces, reply.status, reply.headers, reply.media_type)
    await response(scope, receive, send)


async def _gzip(body: bytes) -> bytes:
    if len(body) < _LARGE:
        return zlib.compress(body, 1, wbits=31)
    return await asyncio.to_thread(zlib.compress, body, 1, wbits=31)


async def _pieces(body: Iterator[bytes], *, zipped: bool) -> Any:
    """Pass the pieces on, compressed where asked; after each the event loop gets its turn."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31) if zipped else None
    for piece in body:
        if packer is None:
            yield piece
        elif len(piece) < _LARGE:
            yield packer.compress(piece)
        else:
            yield await asyncio.to_thread(packer.compress, piece)
        await asyncio.sleep(0)
    if packer is not None:
        yield packer.flush()
