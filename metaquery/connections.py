"""`Connections`: how a workspace reaches its server."""

from __future__ import annotations

import logging
import os
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from metaquery.errors import AuthError, StoreError, UsageError
from metaquery.frozen import dataclass
from metaquery.settings import KeySource, Settings, key_source
from metaquery.store.durable import read_json, write_json

if TYPE_CHECKING:
    from metaquery.store.layout import Layout
    from metaquery.wire import EncordClient

__all__ = ["Connection", "Connections"]

_log = logging.getLogger("metaquery")


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach Encord.

    Attributes
    ----------
    domain
        Scheme, host and port.
    key_file
        Path of the private key; None where it is read from the environment, each time anew.
    fingerprint
        Of the public key, as `ssh-keygen -l` prints it.
    last_contact
        When the server was last seen to answer, ISO 8601; None where it was not since that is remembered.
    """

    domain: str
    key_file: str | None
    fingerprint: str
    last_contact: str | None = None


class Connections:
    """What a workspace knows of its server.

    Parameters
    ----------
    layout
        Of the workspace.
    settings
        Timeouts, retries, requests under way.

    Examples
    --------
    >>> ws.server.current == ws.connection
    True
    """

    def __init__(self, layout: Layout, settings: Settings) -> None:
        self.layout = layout
        self.settings = settings

    @property
    def current(self) -> Connection | None:
        """The remembered connection.

        Raises
        ------
        StoreError
            What is remembered is damaged.

        Examples
        --------
        >>> ws.server.current.fingerprint.startswith("SHA256:")
        True
        """
        if not self.layout.connection.exists():
            return None
        told = read_json(self.layout.connection)
        try:
            return Connection(**told)
        except TypeError:
            raise StoreError(
                f"{self.layout.connection} does not say how to reach the server", hint="connect anew: metaquery connect"
            ) from None

    def connect(self, domain: str, *, key_file: str | Path | None = None) -> Connection:
        """Check a key against the server, and remember the connection.

        Parameters
        ----------
        domain
            `https://api.encord.com`, or a sandbox's URL.
        key_file
            The private key's file; remembered by its path, never by its content. None takes
            `ENCORD_SSH_KEY_FILE`, then `ENCORD_SSH_KEY`, now and whenever the key is needed.

        Raises
        ------
        AuthError
            There is no key, it cannot be used, or the server does not accept it.
        Unreachable
            No server answers.

        Examples
        --------
        >>> known = ws.server.current
        >>> ws.server.connect(known.domain, key_file=known.key_file).domain == known.domain
        True
        """
        path = os.path.abspath(Path(key_file).expanduser()) if key_file else None  # noqa: PTH100  # resolves `..` alone
        # Read by the name that was given: an error shows no more than that, nor that if it looks like a key.
        with self._client(domain, key_source(str(key_file) if key_file else None)) as client:
            client.check()
            connection = Connection(client.domain, path, client.fingerprint, _now())
        self.layout.home.mkdir(parents=True, exist_ok=True)
        write_json(self.layout.connection, asdict(connection))
        return connection

    def check(self) -> None:
        """Ask the server whether it is there and takes the key.

        Raises
        ------
        AuthError
            It does not take the key, or the key cannot be used.
        Unreachable
            No server answers.
        UsageError
            The workspace is not connected.

        Examples
        --------
        >>> ws.server.check()
        """
        with self.client() as client:
            client.check()
        self.answered()

    def answered(self) -> None:
        """Remember that the server answered just now."""
        if self.current is not None:
            write_json(self.layout.connection, asdict(replace(self.current, last_contact=_now())))

    def client(self) -> EncordClient:
        """Return a client of the remembered connection; close it, or use it in a `with`.

        Raises
        ------
        UsageError
            The workspace is not connected.

        Examples
        --------
        >>> with ws.server.client() as client:
        ...     client.domain == ws.server.current.domain
        True
        """
        connection = self.current
        if connection is None:
            raise UsageError(
                f"{self.layout.root} is not connected to a server",
                hint="run: metaquery connect --domain URL --key FILE",
            )
        return self._client(connection.domain, key_source(connection.key_file))

    def _client(self, domain: str, source: KeySource | None) -> EncordClient:
        if self.settings.offline:
            raise UsageError(
                f"the network is not used: offline is set ({self.settings.origin('offline')})",
                hint="without it, this asks the server",
            )
        from metaquery.wire import EncordClient, PrivateKey, RetryPolicy  # httpx costs 170 ms

        if source is None:
            raise AuthError(
                "no private key is named",
                hint="give --key FILE, or set ENCORD_SSH_KEY_FILE to the key's file",
            )
        exposed = source.exposed()
        if exposed is not None:
            _log.warning("warning: others can read %s (%s): chmod 600 %s", source.origin, exposed, source.shown_path)
        text = source.text()
        key = (
            PrivateKey.from_file(source.path) if source.path else PrivateKey.from_text(text or "", origin=source.origin)
        )
        return EncordClient(
            key,
            domain=domain,
            retry=RetryPolicy(budget_s=self.settings.retry_budget_s),
            timeout_s=self.settings.timeout_s,
            connections=self.settings.connections,
        )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
