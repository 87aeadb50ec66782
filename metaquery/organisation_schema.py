"""`OrganisationSchema`: the organisation's one metadata schema, on the server and as this workspace knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metaquery.errors import NoSnapshot, SchemaError
from metaquery.schema import MetadataSchema
from metaquery.schema_changes import SchemaPlan, changes
from metaquery.schema_history import SchemaHistory, digest
from metaquery.store.durable import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from metaquery.connections import Connections
    from metaquery.corrections import Proposal
    from metaquery.misfits import Misfit
    from metaquery.pinned import Pinned
    from metaquery.store.retyping import Fit

__all__ = ["OrganisationSchema"]


class OrganisationSchema:
    """The organisation's metadata schema.

    Parameters
    ----------
    server
        How the server is reached, and the workspace's layout.
    newest
        Returns the newest snapshot, whose values are asked.

    Examples
    --------
    >>> ws.schema.read() == ws.schema.known
    True
    """

    def __init__(self, server: Connections, newest: Callable[[], Pinned]) -> None:
        self._server = server
        self._layout = server.layout
        self._newest = newest

    @property
    def known(self) -> MetadataSchema | None:
        """The schema as last set or seen here; None where there is none.

        Examples
        --------
        >>> ws.schema.known.options["city"]
        {'ty': 'variant', 'hint': 'varchar'}
        """
        if not self._layout.schema.exists():
            return None
        return MetadataSchema.from_json(read_json(self._layout.schema))

    @property
    def history(self) -> SchemaHistory:
        """Every schema that was set or seen here: an import overwrites the one before.

        Examples
        --------
        >>> ws.schema.history.all()[0].how
        'seen at sync'
        """
        return SchemaHistory(self._layout)

    def read(self, *, at: str = "schema show") -> MetadataSchema | None:
        """Read the schema from the server; None where it has none.

        Parameters
        ----------
        at
            What its history says of where it was seen.

        Examples
        --------
        >>> ws.schema.read().options["dark"]
        {'ty': 'variant', 'hint': 'boolean'}
        """
        with self._server.client() as client:
            held = client.metadata_schema()
        self.remember(held, at=at)
        return None if held is None else MetadataSchema.from_json(held)

    def remember(self, held: dict[str, Any] | None, *, at: str) -> None:
        """Keep the schema that the server was seen to hold, None for none: values are typed anew by it."""
        self._server.answered()
        self.history.seen(held, self._server.current, at=at)
        if held is None:
            self._layout.schema.unlink(missing_ok=True)
        else:
            write_json(self._layout.schema, held)

    def plan(self, document: Any, *, local: bool = False) -> SchemaPlan:
        """Tell what an import would change: keys added, removed and retyped, and how many values would fit.

        Values are those of the newest snapshot, read as they came and typed as a sync would type them.

        Parameters
        ----------
        document
            Decoded JSON, in the simple or the typed form.
        local
            Against the schema that this workspace has, without the server.

        Raises
        ------
        SchemaError
            It cannot be read.

        Examples
        --------
        >>> held = ws.schema.read().to_json()
        >>> (change,) = ws.schema.plan({**held, "operator": {"ty": "variant", "hint": "varchar"}}).changes
        >>> change.sign, change.key
        ('+', 'operator')
        """
        wanted = MetadataSchema.from_json(document)
        last = None if local else self.history.last_of_server()
        held = self.known if local else self.read(at="schema set")
        before = None if held is None else held.to_json()
        moved = last if last is not None and last.digest != digest(before) else None
        after = wanted.to_json()
        touched = {one.key: one.after for one in changes(before, after) if one.after is not None}
        return SchemaPlan(before, after, changes(before, after, self._fits(touched)), moved)

    def _fits(self, options: dict[str, Any]) -> dict[str, Fit]:
        """Return how the values of the newest snapshot fit these options; nothing where nothing was synced."""
        try:
            newest = self._newest()
        except NoSnapshot:
            return {}
        from metaquery.store.retyping import fits  # with it comes DuckDB

        schema = MetadataSchema(options).schema()
        threads, memory_mb = newest.settings.threads, newest.settings.memory_mb
        return fits(self._layout, newest.snapshot, schema, threads=threads, memory_mb=memory_mb)

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

        Notes
        -----
        The plan is durable before the request, and what the server holds after it: a process that is killed between
        leaves the old schema or the new one, and its history says which at the next look at the server.

        Examples
        --------
        >>> ws.schema.set(ws.schema.read().to_json()) == ws.schema.known
        True
        """
        schema = MetadataSchema.from_json(document)
        with self._server.client() as client:
            self.history.planned(schema.to_json())
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
        self.remember(held, at="schema set")
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

        Examples
        --------
        >>> held = ws.schema.read().to_json()
        >>> "operator" in ws.schema.keep({**held, "operator": {"ty": "variant", "hint": "varchar"}}).options
        True
        >>> "operator" in ws.schema.read().options  # the organisation's has not changed
        False
        """
        schema = MetadataSchema.from_json(document)
        self._layout.home.mkdir(parents=True, exist_ok=True)
        self.history.kept(schema.to_json())
        write_json(self._layout.schema, schema.to_json())
        return schema

    def misfits(self) -> tuple[Misfit, ...]:
        """Return the keys of the newest snapshot that have values of another type, and what those look like.

        Examples
        --------
        >>> print(ws.schema.misfits()[0].key.name, ws.schema.misfits()[0].key.invalid)
        captured_at 2
        """
        from metaquery.misfits import all_misfits  # asked when something is wrong

        newest = self._newest()
        return all_misfits(newest.snapshot, newest.engine.rows)

    def infer(self, *, invalid_share: float | None = None) -> Proposal:
        """Propose a corrected schema, from the values of every unit of the newest snapshot.

        Parameters
        ----------
        invalid_share
            Share of a key's values that may be invalid before its type is in doubt; None is a tenth.

        Examples
        --------
        >>> [c.key for c in ws.schema.infer().corrections if c.now is None]
        ['operator']
        """
        from metaquery.corrections import LARGEST_INVALID_SHARE, propose
        from metaquery.store.evidence import evidence

        share = LARGEST_INVALID_SHARE if invalid_share is None else invalid_share
        newest = self._newest()
        held = self.known or MetadataSchema({})
        return propose(held, evidence(newest.engine.rows, newest.snapshot), invalid_share=share)
