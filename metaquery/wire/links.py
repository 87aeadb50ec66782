"""`fetch_link()`: what a link leads to that the server signed: it needs no header of Encord's, and must get none."""

from __future__ import annotations

import httpx

from metaquery.errors import ServerError, Unreachable

__all__ = ["fetch_link"]

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def fetch_link(connections: httpx.Client, link: str, operation: str, *, most: int) -> tuple[bytes, str]:
    """Fetch a file once, and return it and its type; whoever looks can look again.

    Parameters
    ----------
    connections
        What it is fetched over.
    link
        The link, a secret: errors name its host at most.
    operation
        What this is for, for errors; a gerund.
    most
        Bytes at most.

    Raises
    ------
    ServerError
        It is not given, is larger, or is not fetched over https.
    Unreachable
        Nobody answers.
    """
    content = bytearray()
    try:
        url = httpx.URL(link)
        if url.scheme != "https" and not (url.scheme == "http" and url.host in _LOOPBACK):
            raise ServerError(f"{operation}: the link is no https address")
        with connections.stream("GET", url) as response:
            if response.status_code != 200:
                raise ServerError(f"{operation}: {url.host} answered {response.status_code}")
            for piece in response.iter_bytes():
                content += piece
                if len(content) > most:
                    raise ServerError(f"{operation}: it is larger than {most // 2**20:,} MB")
            return bytes(content), response.headers.get("Content-Type", "")
    except httpx.InvalidURL:
        raise ServerError(f"{operation}: the link is no address") from None
    except httpx.HTTPError as error:
        raise Unreachable(f"{operation}: {type(error).__name__} at {url.host}") from None
