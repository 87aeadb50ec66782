"""The page itself: one shell for every address, and its files, with an `ETag` each."""

from __future__ import annotations

import hashlib
import mimetypes
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from metaquery.explorer.failures import refusal

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from starlette.requests import Request

__all__ = ["PAGES", "pages"]

PAGES = (
    "/",
    "/data",
    "/labels",
    "/predictions",
    "/units/{hash}",
    "/collections",
    "/collections/{id}",
    "/schema",
    "/sync",
    "/snapshots",
)
"""Addresses of the page; what they show is its own business."""

_STATIC = files("metaquery.explorer") / "static"

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
"""Types of our own files, whatever the machine's tables say."""


def pages() -> list[Route]:
    """Return the routes of the page and its files."""
    shell = [Route(path, _shell, methods=["GET"]) for path in PAGES]
    return [*shell, Route("/static/{name:path}", _static, methods=["GET"])]


async def _shell(request: Request) -> Response:
    return _file(request, _STATIC / "index.html")


async def _static(request: Request) -> Response:
    found = _STATIC
    for piece in request.path_params["name"].split("/"):
        if piece in {"", ".", ".."} or "\\" in piece or "\0" in piece:
            return _nothing(request)
        found /= piece
    return _file(request, found) if found.is_file() else _nothing(request)


def _nothing(request: Request) -> Response:
    return refusal(404, "not_found", f"there is no file {request.url.path[:200]}")


def _file(request: Request, file: Traversable) -> Response:
    content = file.read_bytes()
    tag = f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    headers = {"etag": tag, "cache-control": "no-cache"}  # kept, and asked about each time: a new version shows at once
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    suffix = "." + file.name.rpartition(".")[2]
    kind = _TYPES.get(suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return Response(content, headers={**headers, "content-type": kind})
