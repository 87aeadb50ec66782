"""`Puller`: Collections of the server, brought here as static ones."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from metaquery.collection import Provenance
from metaquery.errors import CollectionError, NotFound
from metaquery.push.members import member_text
from metaquery.push.report import Failure
from metaquery.sources.encord import found_project
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from metaquery.collection import Collection, Collections
    from metaquery.pinned import Pinned
    from metaquery.push.records import Record
    from metaquery.wire import CollectionMember, EncordClient

__all__ = ["Pulled", "Puller"]

_UNKNOWN = "is not in the snapshot: sync, and pull again"

_ITEMS = "SELECT DISTINCT data_hash FROM data WHERE item_uuid IN (SELECT unnest(?::VARCHAR[])) ORDER BY data_hash"

_BACKING = "SELECT DISTINCT item_uuid FROM data WHERE item_uuid IN (SELECT unnest(?::VARCHAR[]))"

_UNITS = "SELECT DISTINCT data_hash FROM data WHERE data_hash IN (SELECT unnest(?::VARCHAR[])) ORDER BY data_hash"

_ANNOTATIONS = {
    relation: (
        "FROM (SELECT unnest(?::VARCHAR[]) AS data_hash, unnest(?::BIGINT[]) AS frame, "
        f"unnest(?::VARCHAR[]) AS annotation_id) w JOIN {relation} a "
        "ON a.data_hash = w.data_hash AND a.annotation_id = w.annotation_id "
        "AND w.frame BETWEEN a.frame AND coalesce(a.last_frame, a.frame)"
    )
    for relation in ("labels", "predictions")
}
"""Rows of a relation that frames of annotations name."""

_KEYS = "SELECT DISTINCT a.data_hash, a.project_hash, a.label_hash, a.annotation_id, a.frame {} ORDER BY ALL"

_NAMED = "SELECT DISTINCT w.data_hash, w.frame, w.annotation_id {}"


@dataclass(frozen=True, slots=True)
class Pulled:
    """A Collection that was brought here.

    Attributes
    ----------
    collection
        As it is here now.
    places
        The folders or the project that it came from, in words.
    unknown
        Members there that the snapshot does not have; they are not members here.
    """

    collection: Collection
    places: tuple[str, ...]
    unknown: tuple[Failure, ...]


@dataclass(frozen=True)
class _Source:
    """One Collection of the server."""

    uuid: str
    title: str
    description: str
    kind: str
    place: str
    where: str
    labels: bool = False


@dataclass(frozen=True)
class Puller:
    """Brings Collections here.

    Parameters
    ----------
    client, pinned, collections
        The server; the snapshot that knows the data units behind its storage items; where they are kept.
    record
        Returns the journal of a Collection by its id.
    """

    client: EncordClient
    pinned: Pinned
    collections: Collections
    record: Callable[[str], Record]

    def pull(self, titles: Sequence[str], *, folder: str | None, project: str | None, replacing: bool) -> list[Pulled]:
        """Bring Collections here: as `Pushes.pull`."""
        sources = self._in_project(project) if project is not None else self._in_folders(folder)
        by_title: dict[str, list[_Source]] = {}
        for source in sources:
            by_title.setdefault(source.title, []).append(source)
        for title in titles:
            if title not in by_title:
                meant = similar(title, list(by_title))
                hint = f"did you mean {meant[0]!r}?" if meant else f"{len(by_title):,} of other titles are there"
                raise NotFound(f"there is no Collection {title!r} on the server", hint=hint)
        wanted = list(dict.fromkeys(titles)) or list(by_title)
        here = {collection.title for collection in self.collections.all()}
        taken = [title for title in wanted if title.strip() in here]
        if taken and not replacing:
            more = f", and {len(taken) - 1:,} more" if len(taken) > 1 else ""
            raise CollectionError(
                f"there is a Collection {taken[0]!r} here already{more}", hint="--replace replaces what is here"
            )
        return [self._pulled(title, by_title[title], replacing=replacing) for title in wanted]

    def _in_project(self, name: str) -> list[_Source]:
        project, title = found_project(self.client, name)
        return [
            _Source(
                c.uuid, c.name, c.description or "", "project-collection", project, f"the project {title!r}",
                c.collection_type == "LABEL",
            )
            for c in self.client.project_collections(project)
        ]  # fmt: skip

    def _in_folders(self, wanted: str | None) -> list[_Source]:
        found = self.client.collections()
        names = {uuid: self.client.folder(uuid).name or uuid for uuid in {c.top_level_folder_uuid for c in found}}
        chosen = {uuid for uuid, name in names.items() if wanted is None or wanted in {uuid, name}}
        if wanted is not None and not chosen:
            meant = similar(wanted, list(names.values()))
            hint = f"did you mean {meant[0]!r}?" if meant else None
            raise NotFound(f"there is no Collection in a folder {wanted!r}", hint=hint)
        return [
            _Source(c.uuid, c.name, c.description or "", "collection", folder, f"the folder {names[folder]!r}")
            for c in found
            if (folder := c.top_level_folder_uuid) in chosen
        ]

    def _pulled(self, title: str, sources: Sequence[_Source], *, replacing: bool) -> Pulled:
        unknown: list[Failure] = []
        labels = sources[0].labels
        if sources[0].kind == "collection":
            items = [item for s in sources for page in self.client.collection_items(s.uuid) for item in page]
            relation, sql, parameters = "data", _ITEMS, list[list[Any]]([items])
            there = self._known(
                "SELECT DISTINCT item_uuid FROM data WHERE item_uuid IN (SELECT unnest(?::VARCHAR[]))", items
            )
            unknown = [Failure("", item, sources[0].where, _UNKNOWN) for item in items if item not in there]
        else:
            members = [
                member
                for s in sources
                for page in self.client.project_collection_items(s.place, s.uuid, labels=labels)
                for member in page
            ]
            relation, sql, parameters, absent = self._annotations(members) if labels else self._frames(members)
            unknown = [Failure(m.data_hash, member_text(m), sources[0].where, _UNKNOWN) for m in absent]

        def write(path: Path) -> int:
            return self.pinned.engine.write_parquet(sql, parameters, path)

        places = tuple(dict.fromkeys(source.where for source in sources))
        made = self.collections.create(
            title,
            description=sources[0].description,
            relation=relation,
            provenance=lambda: Provenance(
                filter=None,
                snapshot=self.pinned.snapshot.id,
                unknown=0,
                author=getpass.getuser(),
                pulled=f"{', '.join(places)}, {self.client.domain}, {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
            ),
            write=write,
            replacing=replacing,
        )
        record = self.record(made.id)
        for source in sources:
            record.write("pulled", kind=source.kind, place=source.place, uuid=source.uuid, title=title)
        return Pulled(made, places, tuple(unknown))

    def _known(self, text: str, names: Sequence[str]) -> set[str]:
        return {name for (name,) in self.pinned.engine.rows(text, [list(names)])}

    def _frames(self, members: Sequence[CollectionMember]) -> tuple[str, str, list[list[Any]], list[CollectionMember]]:
        """Take the data units of frames: one is a member where any of its frames is."""
        hashes = list(dict.fromkeys(member.data_hash for member in members))
        there = self._known(_UNITS, hashes)
        return "data", _UNITS, [hashes], [m for m in members if m.data_hash not in there]

    def _annotations(
        self, members: Sequence[CollectionMember]
    ) -> tuple[str, str, list[list[Any]], list[CollectionMember]]:
        """Take labels; where none of them is one, but some are predictions, take those."""
        columns: list[list[Any]] = [list(column) for column in zip(*members, strict=True)] or [[], [], []]
        found = {r: set(self.pinned.engine.rows(_NAMED.format(_ANNOTATIONS[r]), columns)) for r in _ANNOTATIONS}
        relation = "labels" if found["labels"] or not found["predictions"] else "predictions"
        absent = [m for m in members if tuple(m) not in found[relation]]
        return relation, _KEYS.format(_ANNOTATIONS[relation]), columns, absent
