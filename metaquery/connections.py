"""`Connections`: how a workspace reaches its server, and the organisation's metadata schema there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metaquery.errors import AuthError, SchemaError, UsageError
from metaquery.schema import MetadataSchema
from metaquery.settings import KeySource, Settings, key_source
from metaquery.store.durable import read_json, write_json

if TYPE_CHECKING:
    from metaquery.store.layout import Layout
    from metaquery.wire import EncordClient

__all__ = ["Connection", "Connections"]


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
    """

    domain: str
    key_file: str | None
    fingerprint: str


class Connections:
    """What a workspace knows of its server.

    Parameters
    ----------
    layout
        Of the workspace.
    settings
        Timeouts, retries, requests under way.
    """

    def __init__(self, layout: Layout, settings: Settings) -> None:
        self.layout = layout
        self.settings = settings

    @property
    def current(self) -> Connection | None:
        """The remembered connection."""
        if not self.layout.connection.exists():
            return None
        return Connection(**read_json(self.layout.connection))

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
        """
        path = os.path.abspath(Path(key_file).expanduser()) if key_file else None  # noqa: PTH100  # resolves `..` alone
        with self._client(domain, key_source(path)) as client:
            client.check()
            connection = Connection(client.domain, path, client.fingerprint)
        self.layout.home.mkdir(parents=True, exist_ok=True)
        write_json(
            self.layout.connection,
            {"domain": connection.domain, "key_file": path, "fingerprint": connection.fingerprint},
        )
        return connection

    def client(self) -> EncordClient:
        """Return a client of the remembered connection; close it, or use it in a `with`.

        Raises
        ------
        UsageError
            The workspace is not connected.
        """
        connection = self.current
        if connection is None:
            raise UsageError(
                f"{self.layout.root} is not connected to a server",
                hint="run: metaquery connect --domain URL --key FILE",
            )
        return self._client(connection.domain, key_source(connection.key_file))

    def _client(self, domain: str, source: KeySource | None) -> EncordClient:
        from metaquery.wire import EncordClient, PrivateKey, RetryPolicy  # httpx costs 170 ms

        if source is None:
            raise AuthError(
                "no private key is named",
                hint="give --key FILE, or set ENCORD_SSH_KEY_FILE to the key's file",
            )
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

    def set_schema(self, document: Any) -> MetadataSchema:
        """Import the organisation's metadata schema; it replaces the one before, for everybody.

        Parameters
        ----------
        document
            Decoded JSON, in the simple or the typed form.

        Raises
        ------
        SchemaError
            It cannot be read, or the server holds another afterwards.
        """
        schema = MetadataSchema.from_json(document)
        with self.client() as client:
            client.set_metadata_schema(schema.to_json())
            held = client.metadata_schema()
        read = MetadataSchema.from_json(held or {})
        differing = [
            key for key in {**read.options, **schema.options} if read.options.get(key) != schema.options.get(key)
        ]
        if differing:
            raise SchemaError(
                f"the server took the schema and holds another: {', '.join(sorted(differing)[:5])}",
                hint="run: metaquery schema show",
            )
        write_json(self.layout.schema, held)
        return read

    def keep_schema(self, document: Any) -> MetadataSchema:
        """Take a metadata schema for this workspace alone; the next sync takes the organisation's again.

        Parameters
        ----------
        document
            Decoded JSON, in the simple or the typed form.

        Raises
        ------
        SchemaError
            It cannot be read.
        """
        schema = MetadataSchema.from_json(document)
        self.layout.home.mkdir(parents=True, exist_ok=True)
        write_json(self.layout.schema, schema.to_json())
        return schema

    @property
    def known_schema(self) -> MetadataSchema | None:
        """The metadata schema as last set or seen here; None where there is none."""
        if not self.layout.schema.exists():
            return None
        return MetadataSchema.from_json(read_json(self.layout.schema))

    def read_schema(self) -> MetadataSchema | None:
        """Read the organisation's metadata schema from the server; None where it has none."""
        with self.client() as client:
            held = client.metadata_schema()
        self.remember_schema(held)
        return None if held is None else MetadataSchema.from_json(held)

    def remember_schema(self, held: dict[str, Any] | None) -> None:
        """Keep the schema that the server was seen to hold, None for none: values are typed anew by it."""
        if held is None:
            self.layout.schema.unlink(missing_ok=True)
        else:
            write_json(self.layout.schema, held)
