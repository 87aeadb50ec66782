"""The application: requests to endpoints and back, each in a thread that stops where its client has gone away."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, TypeVar

import anyio.to_thread
import msgspec
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from metaquery.errors import UsageError
from metaquery.explorer.asking import Parameters
from metaquery.explorer.failures import failed, refusal
from metaquery.explorer.leaving import stopped_when_gone
from metaquery.explorer.pages import pages
from metaquery.explorer.routes import ENDPOINTS, Endpoint
from metaquery.interruption import Interruption

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from metaquery.explorer.desk import Desk

__all__ = ["application"]

Result = TypeVar("Result")

_GONE = 499
"""What nobody reads: the client has closed the connection."""

_LARGEST_BODY = 64 * 2**20

_THREADS = 8
"""Requests that are answered at once."""

_encode = msgspec.json.Encoder().encode


def application(desk: Desk) -> Starlette:
    """Return the application; nobody is kept from asking it, which is for `Guard`."""
    limiter = anyio.CapacityLimiter(_THREADS)
    every = [Route(e.path, _answering(desk, e, limiter), methods=[e.method]) for e in ENDPOINTS]
    handlers = {404: _no_such, 405: _no_such, Exception: _fault}
    return Starlette(routes=[*every, *pages()], exception_handlers=handlers)


async def _no_such(request: Request, _error: Exception) -> Response:
    return refusal(404, "not_found", f"there is nothing at {request.method} {request.url.path[:200]}")


async def _fault(_request: Request, error: Exception) -> Response:
    """Tell of a fault outside of the endpoints."""
    if isinstance(error, ConnectionAbortedError):  # a download broke off: whoever broke it has told why
        return Response(status_code=500)
    status, told = failed(error)
    return _json(told, status)


def _answering(
    desk: Desk, endpoint: Endpoint, limiter: anyio.CapacityLimiter
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            body = await _body(request) if endpoint.method == "POST" else None
            pairs, path = request.query_params.multi_items(), request.path_params
            parameters = Parameters(pairs, endpoint.parameters, path=path, body=body)
            stoppable = endpoint.method == "GET"  # what changes something is done whole, whoever waits for it
            waited = _unless_gone(request, desk, limiter, lambda: endpoint.run(desk, parameters), stoppable=stoppable)
            found = await waited
        except _GoneError:
            return Response(status_code=_GONE)
        except Exception as error:  # noqa: BLE001  # told to the page, without a traceback
            status, told = failed(error)
            return _json(told, status)
        return found if isinstance(found, Response) else _json(found)

    return answer


def _json(value: Any, status: int = 200) -> Response:
    try:
        content = _encode(value)
    except UnicodeEncodeError:  # half a character, in the error about a text that has it
        content = json.dumps(value).encode()
    return Response(content, status, media_type="application/json")


async def _body(request: Request) -> dict[str, Any]:
    """Return the body of a POST.

    Raises
    ------
    UsageError
        It is no JSON object, or too large.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise UsageError("the body has to be JSON", hint="send it with Content-Type: application/json")
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > _LARGEST_BODY:
            raise UsageError(f"the body is larger than {_LARGEST_BODY // 2**20} MB")
    try:
        read = json.loads(bytes(content))
        json.dumps(read, ensure_ascii=False).encode()  # half a character is none
    except (ValueError, RecursionError) as error:
        raise UsageError("the body is not JSON") from error
    if not isinstance(read, dict):
        raise UsageError("the body is no JSON object")
    return read


class _GoneError(Exception):
    """The client has gone away."""


async def _unless_gone(
    request: Request, desk: Desk, limiter: anyio.CapacityLimiter, work: Callable[[], Result], *, stoppable: bool
) -> Result:
    """Do something in a thread; where the client goes away meanwhile, what runs in the engine is stopped."""
    interruption = Interruption()

    def worked() -> Result:
        with interruption:
            return work()

    desk.interruptions.add(interruption)
    watch = asyncio.ensure_future(stopped_when_gone(request.receive, interruption.stop)) if stoppable else None
    try:
        return await anyio.to_thread.run_sync(worked, limiter=limiter, abandon_on_cancel=True)
    except Exception:
        if interruption.stopped:
            raise _GoneError from None
        raise
    finally:
        if watch is not None:
            watch.cancel()
        desk.interruptions.discard(interruption)
