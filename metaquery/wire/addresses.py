"""Where requests go: the server that a user names, and paths that lead nowhere else."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import quote

import httpx

from metaquery.errors import SettingsError, UsageError

__all__ = ["base_url", "checked", "is_loopback", "path"]

_ID: Final = re.compile(r"(?!\.+\Z)[0-9A-Za-z._-]{1,128}\Z")


def path(*segments: str) -> str:
    """Join the parts of a path; each is one segment and cannot lead elsewhere.

    Raises
    ------
    UsageError
        A part that cannot be an id: empty, with blanks or slashes, or only dots.
    """
    return "/".join(quote(checked(segment), safe="") for segment in segments)


def checked(identity: str) -> str:
    """Return an id as it is.

    Raises
    ------
    UsageError
        It cannot be one.
    """
    if not _ID.match(identity):
        raise UsageError(
            f"{identity[:100]!r} is not an id",
            hint="ids of datasets, projects, folders and Collections look like "
            "fa0fe913-12f3-557b-a64e-8d8244df5fd3; a title does not do",
        )
    return identity


def base_url(domain: str) -> httpx.URL:
    """Read what a user gave as the server: scheme, host, and perhaps a port.

    Raises
    ------
    SettingsError
        It is something else, or would send requests in the clear to another machine.
    """
    try:
        url = httpx.URL(domain.strip().rstrip("/"))
    except (httpx.InvalidURL, TypeError):
        url = httpx.URL("")
    # The text is not shown: a user name and a password may stand in it.
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo:
        raise SettingsError(
            "the domain of Encord's API is not of the form https://HOST",
            hint="https://api.encord.com, or https://api.us.encord.com for accounts in the US",
        )
    if url.raw_path not in {b"", b"/"} or url.fragment:
        raise SettingsError(
            f"the domain {url.scheme}://{url.host} is followed by a path",
            hint="give the scheme and the host alone: the paths are fixed",
        )
    if url.scheme == "http" and not is_loopback(url.host):
        raise SettingsError(
            f"http://{url.host} is not encrypted",
            hint=f"write https://{url.host}: a request read on its way could be sent again by others",
        )
    return url


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name or address alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
