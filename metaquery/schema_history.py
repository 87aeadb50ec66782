"""`SchemaHistory`: every metadata schema that the organisation was seen to have; an import overwrites the one before.

One file of JSON lines, only ever added to. A line is a schema that was there (`step` is `held`), or one that is about
to be imported (`planned`): where the import is killed, the next look at the server tells what it came to.
"""

from __future__ import annotations

import getpass
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from metaquery.errors import SchemaError, UsageError
from metaquery.schema import MetadataSchema
from metaquery.store.journal import Journal
from metaquery.store.lock import write_lock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metaquery.connections import Connection
    from metaquery.store.layout import Layout

__all__ = ["SchemaHistory", "SchemaVersion", "digest"]

_SHORT = 8
"""Digits of a digest that are shown, and that are enough to name a version."""

_SET = "set here"
_ALONE = "set here alone"


@dataclass(frozen=True, slots=True)
class SchemaVersion:
    """A metadata schema that was there.

    Attributes
    ----------
    number
        1 for the first that this workspace knows.
    at
        When it was set or first seen, ISO 8601, UTC.
    how
        `set here`, `set here alone` (in this workspace, without the server), or `seen at sync` and the like.
    account, fingerprint
        Who was at work here: the account on this machine, and the key's fingerprint. They set it, or saw it.
    server
        Where; None for a schema of this workspace alone.
    schema
        The typed form; None where the organisation had none.
    digest
        SHA-256 of the schema, whatever the order of its keys.
    """

    number: int
    at: str
    how: str
    account: str
    fingerprint: str | None
    server: str | None
    schema: dict[str, Any] | None
    digest: str

    @property
    def short(self) -> str:
        """The digest, as it is shown."""
        return self.digest[:_SHORT]

    @property
    def set_here(self) -> bool:
        """Whether it was set in this workspace, and not only seen."""
        return self.how in {_SET, _ALONE}

    @property
    def of_server(self) -> bool:
        """Whether the organisation had it."""
        return self.how != _ALONE


def digest(schema: Mapping[str, Any] | None) -> str:
    """Return the SHA-256 of a schema; the order of keys and what is left to be understood count nothing."""
    try:
        told: Mapping[str, Any] | None = None if schema is None else MetadataSchema.from_json(schema).to_json()
    except SchemaError:
        told = schema  # a type that is not known here: it is kept as it came
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


class SchemaHistory:
    """The schemas that one workspace has seen.

    Parameters
    ----------
    layout
        Of the workspace.

    Examples
    --------
    >>> held = ws.schema.read()
    >>> ws.schema.history.last_of_server().schema == held.to_json()
    True
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._journal = Journal(layout.schemas)

    def all(self) -> list[SchemaVersion]:
        """Return every version, oldest first.

        Examples
        --------
        >>> ws.schema.history.all()[0].number
        1
        """
        held = (entry for entry in self._journal.entries() if entry["step"] == "held")
        return [
            SchemaVersion(number, **{name: value for name, value in entry.items() if name != "step"})
            for number, entry in enumerate(held, start=1)
        ]

    def last_of_server(self) -> SchemaVersion | None:
        """Return the newest version that the organisation was seen to have.

        Examples
        --------
        >>> ws.schema.history.last_of_server().of_server
        True
        """
        return next((version for version in reversed(self.all()) if version.of_server), None)

    def get(self, name: str) -> SchemaVersion:
        """Return the version of a number, or of the beginning of a digest; of several alike, the newest.

        Raises
        ------
        UsageError
            There is none.

        Examples
        --------
        >>> ws.schema.history.get("1").number
        1
        """
        for version in reversed(self.all()):
            if name == str(version.number) or (len(name) >= _SHORT and version.digest.startswith(name)):
                return version
        raise UsageError(f"there is no version {name!r} of the schema", hint="metaquery schema history lists them")

    def before(self, schema: Mapping[str, Any] | None) -> SchemaVersion:
        """Return the newest version that has keys and is another than this schema.

        Raises
        ------
        UsageError
            There is none.

        Examples
        --------
        >>> alone = ws.schema.keep({"city": "string"})
        >>> ws.schema.history.before(ws.schema.read().to_json()).schema == alone.to_json()
        True
        """
        now = digest(schema)
        found = next((v for v in reversed(self.all()) if v.schema and v.digest != now), None)
        if found is None:
            raise UsageError("no other schema was seen here", hint="metaquery schema history lists what was")
        return found

    def planned(self, schema: Mapping[str, Any]) -> None:
        """Remember what is about to be imported."""
        self._layout.home.mkdir(parents=True, exist_ok=True)
        self._journal.record("planned", digest=digest(schema))

    def seen(self, schema: Mapping[str, Any] | None, where: Connection | None, *, at: str) -> None:
        """Remember what the server holds, where it is another than what it was last seen to hold.

        Parameters
        ----------
        schema
            The typed form; None where there is none.
        where
            The connection.
        at
            At what it was seen: `sync`.
        """
        told = digest(schema)
        with self._alone():
            last = self.last_of_server()
            if (last is None and schema is None) or (last is not None and last.digest == told):
                return
            *_, newest = (None, *self._journal.entries())
            ours = newest is not None and newest["step"] == "planned" and newest["digest"] == told
            self._record(schema, where, _SET if ours else f"seen at {at}")

    def kept(self, schema: Mapping[str, Any]) -> None:
        """Remember a schema that was set in this workspace alone, where it is another than the newest here."""
        with self._alone():
            newest = self.all()[-1:]
            if newest and newest[0].digest == digest(schema):
                return
            self._record(schema, None, _ALONE)

    def _alone(self) -> Any:
        self._layout.home.mkdir(parents=True, exist_ok=True)
        return write_lock(self._layout.schemas.with_suffix(".lock"), wait_s=10.0)

    def _record(self, schema: Mapping[str, Any] | None, where: Connection | None, how: str) -> None:
        self._journal.record(
            "held",
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            how=how,
            account=getpass.getuser(),
            fingerprint=where.fingerprint if where else None,
            server=where.domain if where else None,
            schema=schema,
            digest=digest(schema),
        )
