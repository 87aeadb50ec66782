"""What the organisation holds: storage, datasets, projects, Collections, presets and one metadata schema."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from metaquery.sandbox.clock import now
from metaquery.sandbox.datasets import Datasets
from metaquery.sandbox.identity import uuid_of
from metaquery.sandbox.projects import Projects
from metaquery.sandbox.signatures import Registry
from metaquery.sandbox.storage import Storage

if TYPE_CHECKING:
    from metaquery.sandbox.source import UnitSource

__all__ = ["OWNER", "Collection", "Organisation", "Preset", "SchemaState"]

OWNER = "analyst@example.com"


@dataclass(slots=True)
class SchemaState:
    """The metadata schema, kept in its typed form (encord-wire-protocol.md §3.2)."""

    uuid: str
    options: dict[str, Any]
    created: float
    updated: float


@dataclass(slots=True)
class Collection:
    """A Collection of either kind.

    Parameters
    ----------
    scope
        Uuid of the top-level folder (Index) or of the project.
    kind
        `INDEX`, `FRAME` or `LABEL`.
    members
        In the order they were added; item numbers (Index), else `(unit, frame, annotation or None)`.
    """

    uuid: str
    name: str
    description: str | None
    scope: str
    kind: str
    created: float
    edited: float
    members: dict[Any, None] = field(default_factory=dict)


@dataclass(slots=True)
class Preset:
    """A filter preset; its definition is opaque (encord-wire-protocol.md §7.3).

    Parameters
    ----------
    project
        None for an Index preset.
    """

    uuid: str
    name: str
    description: str
    project: str | None
    definition: Any
    created: float
    edited: float


class Organisation:
    """Everything behind one server; used by one thread only.

    Parameters
    ----------
    source
        The data it begins with.
    with_schema
        Whether the schema that fits the data is already set.
    """

    def __init__(self, source: UnitSource, *, with_schema: bool = False) -> None:
        self.source = source
        self.keys = Registry()
        self.storage = Storage(source)
        self.datasets = Datasets(source)
        self.projects = Projects(source, self.datasets)
        self.collections: dict[str, Collection] = {}
        self.presets: dict[str, Preset] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.schema: SchemaState | None = None
        self.secret = secrets.token_bytes(32)
        self._made = 0
        if with_schema:
            self.set_schema(dict(source.schema))

    def set_schema(self, options: dict[str, Any]) -> None:
        """Replace the schema."""
        made = self.schema.created if self.schema else now()
        self.schema = SchemaState(uuid_of(self.source.seed, "schema"), options, made, now())

    def new_uuid(self, kind: str) -> str:
        """Name a thing that a client makes; the same sequence of requests gives the same names."""
        self._made += 1
        return uuid_of(self.source.seed, f"{kind} {self._made}")

    def seal(self, text: str) -> str:
        """Sign a text of ours that clients hand back: page tokens, links."""
        return blake2b(text.encode(), key=self.secret, digest_size=12).hexdigest()
