"""`OrganisationSchema`: the organisation's one metadata schema, on the server and as this workspace knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metaquery.errors import SchemaError
from metaquery.schema import MetadataSchema
from metaquery.store.durable import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from metaquery.connections import Connections
    from metaquery.corrections import Proposal
    from metaquery.misfits import Misfit
    from metaquery.pinned import Pinned

__all__ = ["OrganisationSchema"]


class OrganisationSchema:
    """The organisation's metadata schema.

    Parameters
    ----------
    server
        How the server is reached, and the workspace's layout.
    newest
        Returns the newest snapshot, whose values are asked.
    """

    def __init__(self, server: Connections, newest: Callable[[], Pinned]) -> None:
        self._server = server
        self._layout = server.layout
        self._newest = newest

    @property
    def known(self) -> MetadataSchema | None:
        """The schema as last set or seen here; None where there is none."""
        if not self._layout.schema.exists():
            return None
        return MetadataSchema.from_json(read_json(self._layout.schema))

    def read(self) -> MetadataSchema | None:
        """Read the schema from the server; None where it has none."""
        with self._server.client() as client:
            held = client.metadata_schema()
        self.remember(held)
        return None if held is None else MetadataSchema.from_json(held)

    def remember(self, held: dict[str, Any] | None) -> None:
        """Keep the schema that the server was seen to hold, None for none: values are typed anew by it."""
        self._server.answered()
        if held is None:
            self._layout.schema.unlink(missing_ok=True)
        else:
            write_json(self._layout.schema, held)

    def set(self, document: Any) -> MetadataSchema:
        """Import the schema; it replaces the one before, for everybody.

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
        with self._server.client() as client:
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
        write_json(self._layout.schema, held)
        return read

    def keep(self, document: Any) -> MetadataSchema:
        """Take a schema for this workspace alone; the next sync takes the organisation's again.

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
        self._layout.home.mkdir(parents=True, exist_ok=True)
        write_json(self._layout.schema, schema.to_json())
        return schema

    def misfits(self) -> tuple[Misfit, ...]:
        """Return the keys of the newest snapshot that have values of another type, and what those look like."""
        from metaquery.misfits import all_misfits  # asked when something is wrong

        newest = self._newest()
        return all_misfits(newest.snapshot, newest.engine.rows)

    def infer(self, *, invalid_share: float | None = None) -> Proposal:
        """Propose a corrected schema, from the values of every unit of the newest snapshot.

        Parameters
        ----------
        invalid_share
            Share of a key's values that may be invalid before its type is in doubt; None is a tenth.
        """
        from metaquery.corrections import LARGEST_INVALID_SHARE, propose
        from metaquery.store.evidence import evidence

        share = LARGEST_INVALID_SHARE if invalid_share is None else invalid_share
        newest = self._newest()
        held = self.known or MetadataSchema({})
        return propose(held, evidence(newest.engine.rows, newest.snapshot), invalid_share=share)
