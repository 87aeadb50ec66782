"""`Collection`: a titled set of rows of one relation, and how its record is written down."""

from __future__ import annotations

from dataclasses import asdict, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from metaquery.errors import CollectionError
from metaquery.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import pyarrow as pa

    from metaquery.collection.evaluation import Evaluation
    from metaquery.collection.sets import SetExpression

__all__ = ["Change", "Collection", "Definition", "Kind", "Provenance"]

Kind = Literal["static", "live", "tag"]
"""Frozen members; members that follow a filter or an algebra; a tag that is no Collection, frozen as well."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the members came from.

    Attributes
    ----------
    filter
        Canonical text; None where every row was taken, or where an algebra or a list of ids told the members.
    snapshot
        Id of the snapshot that answered.
    unknown
        Rows for which the filter was unknown then, and which are not members.
    author
        The account's name on this machine.
    time_zone
        Zone of the filter's dates and times without one.
    algebra
        Canonical text of the set algebra; None where there is none.
    ids
        How many different ids were given; None where none were.
    matched
        Members at creation; None in a record of an earlier version.
    schema
        Digest of the organisation's schema that the snapshot was typed by; None where there was none.
    pulled
        Where on the server it came from, and when, in words; None where it was made here.
    """

    filter: str | None
    snapshot: str
    unknown: int
    author: str
    time_zone: str = "UTC"
    algebra: str | None = None
    ids: int | None = None
    matched: int | None = None
    schema: str | None = None
    pulled: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to a Collection after it was made.

    Attributes
    ----------
    what
        `added`, `removed`, `renamed`, `described`, `frozen`, `replaced`, `deleted` or `restored`.
    at
        UTC.
    author
        The account's name on this machine.
    members
        Members that came or went.
    by
        The filter, the algebra, or in words what was given instead; the title before, of a renaming.
    snapshot
        Id of the snapshot that was asked; None where none was.
    """

    what: str
    at: datetime
    author: str
    members: int = 0
    by: str | None = None
    snapshot: str | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """The text that tells the members, and what it depends on.

    Attributes
    ----------
    form
        Whether the text is a filter or an algebra of Collections.
    text
        Canonical.
    time_zone
        Zone of the filter's dates and times without one.
    names
        Titles and tags in the text, each with the id of what had that title then, so that it is found under another;
        None where nothing had.
    clock
        Whether the text asks what time it is.
    """

    form: Literal["filter", "algebra"]
    text: str
    time_zone: str = "UTC"
    names: tuple[tuple[str, str | None], ...] = ()
    clock: bool = False


@dataclass(frozen=True, slots=True)
class Collection:
    """A titled set of rows of one relation.

    Attributes
    ----------
    id
        UUID of ours; Encord's is another, and is in the push's journal.
    title
        Unique in the workspace; the tag on every member.
    description
        Free text.
    relation
        `data`, `labels` or `predictions`.
    members
        How many; of a live one that is not `evaluated`, how many there were when it was made.
    created_at
        UTC.
    provenance
        Where the members came from.
    path
        Parquet file of the members: `data_hash`, and for labels and predictions the rest of their key. Only who has
        called `evaluated` may read it: a live Collection has no file before.
    kind
        `static`, `live`, or `tag`.
    definition
        What the members are told by; None where they were given by their ids, or as every row.
    changes
        What was done to it later, oldest first.
    home
        Returns the Collections as the newest snapshot has them; tells the members of a live one.

    Examples
    --------
    >>> fast = ws.data.filter("speed > 50").collect("Fast", description="Above 50", replacing=True)
    >>> fast.members, fast.provenance.filter
    (2, 'speed > 50')
    >>> dark = ws.data.filter("dark").collect("Dark", replacing=True)
    >>> (fast & dark).ids()
    ['u3']
    """

    id: str
    title: str
    description: str
    relation: str
    members: int
    created_at: datetime
    provenance: Provenance
    path: Path
    kind: Kind = "static"
    definition: Definition | None = None
    changes: tuple[Change, ...] = ()
    home: Callable[[], Evaluation] | None = field(default=None, compare=False, repr=False)

    @property
    def live(self) -> bool:
        """Whether its members follow a filter or an algebra.

        Examples
        --------
        >>> fast = ws.data.filter("speed > 50").collect("Fast", replacing=True)
        >>> fast.live
        False
        """
        return self.kind == "live"

    @property
    def membership(self) -> str:
        """The filter that its members match.

        Examples
        --------
        >>> ws.data.filter("speed > 50").collect("Fast", replacing=True).membership
        "in collection 'Fast'"
        """
        from metaquery.language.printing import string_text  # with it comes the language, which a record needs not

        title = string_text(self.title)
        return f"tags has {title}" if self.kind == "tag" else f"in collection {title}"

    def evaluated(self) -> Collection:
        """Return the Collection with its members at hand: `members` are counted and `path` is a file, live or not.

        Raises
        ------
        CollectionError
            It is live, and its filter does not fit the snapshot, or there is none; or it was changed or deleted since.

        Examples
        --------
        >>> ws.data.filter("dark").collect("Dark", live=True, replacing=True).evaluated().members
        2
        """
        if not self.live:
            if not self.path.exists():
                raise CollectionError(
                    f"the members of {self.title!r} were changed since it was asked for",
                    hint="ask for it again: ws.collections.get(title)",
                )
            return self
        if self.home is None:
            raise CollectionError(f"{self.title!r} is live, and no snapshot is there to tell its members")
        return self.home().evaluated(self)

    def to_arrow(self) -> pa.Table:
        """Return the members' keys.

        Examples
        --------
        >>> fast = ws.data.filter("speed > 50").collect("Fast", replacing=True)
        >>> fast.to_arrow().column_names
        ['data_hash']
        """
        import pyarrow.parquet as pq  # Arrow costs 180 ms; a title needs none of it

        return pq.read_table(self.evaluated().path)

    def data_hashes(self) -> list[str]:
        """Return the members' data hashes, each once, sorted.

        Examples
        --------
        >>> fast = ws.data.filter("speed > 50").collect("Fast", replacing=True)
        >>> fast.data_hashes()
        ['u3', 'u4']
        """
        return sorted(set(self.to_arrow().column("data_hash").to_pylist()))

    def __or__(self, other: Collection | SetExpression) -> SetExpression:
        """Return the rows that are in either."""
        from metaquery.collection.sets import SetExpression  # with it comes the filter language

        return SetExpression.of(self) | other

    def __and__(self, other: Collection | SetExpression) -> SetExpression:
        """Return the rows that are in both."""
        from metaquery.collection.sets import SetExpression  # as for `|`

        return SetExpression.of(self) & other

    def __sub__(self, other: Collection | SetExpression) -> SetExpression:
        """Return the rows that are in this one alone."""
        from metaquery.collection.sets import SetExpression  # as for `|`

        return SetExpression.of(self) - other

    def _repr_html_(self) -> str:
        """Return what a notebook shows; runs no query."""
        from metaquery.collection.hypertext import collection_html  # notebooks alone need it

        return collection_html(self)

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON; the file of the members is named and not held.

        Examples
        --------
        >>> fast = ws.data.filter("speed > 50").collect("Fast", replacing=True)
        >>> fast.to_json()["title"]
        'Fast'
        """
        return {
            "id": self.id,
            "title": self.title,
            "description": self.description,
            "relation": self.relation,
            "kind": self.kind,
            "members": self.members,
            "file": None if self.live else self.path.name,
            "created_at": self.created_at.isoformat(),
            "provenance": asdict(self.provenance),
            "definition": None if self.definition is None else asdict(self.definition),
            "changes": [{**asdict(change), "at": change.at.isoformat()} for change in self.changes],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any], folder: Path) -> Collection:
        """Return what `to_json` wrote down, or an earlier version of metaquery.

        Parameters
        ----------
        data
            The record.
        folder
            Where the file of the members lies.

        Examples
        --------
        >>> from metaquery import Collection
        >>> fast = ws.data.filter("speed > 50").collect("Fast", replacing=True)
        >>> Collection.from_json(fast.to_json(), fast.path.parent) == fast
        True
        """
        held = data.get("definition")
        return cls(
            id=data["id"],
            title=data["title"],
            description=data["description"],
            relation=data["relation"],
            members=data["members"],
            created_at=datetime.fromisoformat(data["created_at"]),
            provenance=Provenance(**_known(data["provenance"], Provenance)),
            path=folder / (data.get("file") or f"{data['id']}.parquet"),
            kind=data.get("kind", "static"),
            definition=None
            if held is None
            else Definition(**{**_known(held, Definition), "names": tuple((n, i) for n, i in held["names"])}),
            changes=tuple(
                Change(**{**_known(change, Change), "at": datetime.fromisoformat(change["at"])})
                for change in data.get("changes", ())
            ),
        )


def _known(data: dict[str, Any], kind: type) -> dict[str, Any]:
    """Leave out what a later version has added."""
    names: Iterable[str] = {entry.name for entry in fields(kind)}
    return {name: value for name, value in data.items() if name in names}
