"""`Evaluation`: Collections as one snapshot has them.

The members of a live Collection are made when they are first needed, and kept as a file whose name is a digest of all
that they depend on: the snapshot, the text, and the same of every Collection in it; the time too, where the text asks
for it. So a file is never wrong, only unused, and the next change sweeps it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from metaquery.collection.algebra import Algebra, read_algebra
from metaquery.collection.files import temporary
from metaquery.collection.graph import current_titles
from metaquery.collection.ids import Ids, write_ids
from metaquery.collection.names import Named, current_text
from metaquery.collection.record import Collection, Definition, Provenance
from metaquery.collection.selection import Selection, provenance_of
from metaquery.errors import CollectionError, EngineError, FilterError
from metaquery.language import DUCKDB, BindOptions, compile_filter, key_sql
from metaquery.schema import RELATIONS, Relation
from metaquery.store.durable import publish
from metaquery.store.pages import PARQUET, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from metaquery.collection.collections import Collections
    from metaquery.store.snapshot import Snapshot

__all__ = ["Evaluation", "Runs"]

Result = TypeVar("Result")


class Runs(Protocol):
    """What is needed of an engine."""

    def rows(self, text: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run a query whose answer is small."""

    def write_parquet(self, text: str, parameters: Sequence[Any], path: Path) -> int:
        """Run a query into a Parquet file, and return its rows."""

    def regex_error(self, pattern: str) -> str | None:
        """Return what is wrong with a regular expression."""


class Evaluation:
    """The Collections of a workspace, as one snapshot has them.

    Parameters
    ----------
    collections
        Of the workspace.
    snapshot
        The snapshot.
    engine
        Returns the connection to it.
    now
        What `now()` is in filters; None asks the clock.
    """

    def __init__(
        self, collections: Collections, snapshot: Snapshot, engine: Callable[[], Runs], now: datetime | None = None
    ) -> None:
        self.collections = collections
        self.snapshot = snapshot
        self._engine = engine
        self._now = now

    @property
    def engine(self) -> Runs:
        """The connection to the snapshot."""
        return self._engine()

    # Live Collections

    def all(self, titles: frozenset[str] | None = None) -> list[Collection]:
        """Return Collections and tags with their members, those of some titles or all; live ones are evaluated."""
        records = self.collections.records()
        return [self._evaluated(c, records) for c in records if titles is None or c.title in titles]

    def evaluated(self, collection: Collection) -> Collection:
        """Return a Collection with its members in the snapshot; as `Collection.evaluated`."""
        return self._evaluated(collection, self.collections.records())

    def _evaluated(self, collection: Collection, records: Sequence[Collection]) -> Collection:
        if not collection.live:
            return collection
        now = self._now or datetime.now(UTC).replace(microsecond=0)
        key = self._key(collection, records, now, ())
        folder = self.collections.live
        found = next(iter(folder.glob(f"{collection.id}-{key}-*.parquet")), None)
        if found is None:
            found = self._make(collection, records, now, key)
        return replace(collection, path=found, members=int(found.stem.rpartition("-")[2]))

    def _key(self, collection: Collection, records: Sequence[Collection], now: datetime, path: tuple[str, ...]) -> str:
        """Return the digest of what the members depend on."""
        definition = _defined(collection)
        if collection.title in path:
            way = " → ".join(map(repr, (*path, collection.title)))
            raise CollectionError(f"a live Collection cannot be made of itself: {way}")
        titles = {c.id: c.title for c in records}
        by_title = {c.title: c for c in records}
        parts: list[Any] = [collection.relation, definition.form, current_text(definition, titles)]
        parts += [self.snapshot.id, definition.time_zone, now.isoformat() if definition.clock else None]
        for title in current_titles(definition, titles).values():
            of = by_title.get(title)
            if of is None:
                parts.append([title])
            elif of.live:
                parts.append([title, self._key(of, records, now, (*path, collection.title))])
            else:
                parts.append([title, of.path.name])
        return hashlib.blake2b(json.dumps(parts).encode(), digest_size=12).hexdigest()

    def _make(self, collection: Collection, records: Sequence[Collection], now: datetime, key: str) -> Path:
        folder = self.collections.live
        folder.mkdir(parents=True, exist_ok=True)
        with temporary(folder) as beside:
            try:
                members = self._write(collection, records, now, beside)
            except FilterError as error:
                raise CollectionError(
                    f"the live Collection {collection.title!r} cannot tell its members: {error.message}",
                    hint=f"it follows: {error.source}; make it anew with --replace, or delete it",
                ) from error
            path = folder / f"{collection.id}-{key}-{members}.parquet"
            publish(beside, path)
        return path

    def _write(self, collection: Collection, records: Sequence[Collection], now: datetime, path: Path) -> int:
        definition = _defined(collection)
        text = current_text(definition, {c.id: c.title for c in records})
        if definition.form == "algebra":
            return self._write_algebra(read_algebra(text, records), records, path)
        options = BindOptions(
            time_zone=definition.time_zone,
            now=now,
            collections=tuple(c.title for c in records if c.kind != "tag"),
            regex_error=self.engine.regex_error,
        )
        relation = RELATIONS[collection.relation]
        sql = key_sql(compile_filter(text, self.snapshot.schema, relation, options=options), DUCKDB)
        return self.engine.write_parquet(sql.text, sql.params, path)

    def _write_algebra(self, algebra: Algebra, records: Sequence[Collection], path: Path) -> int:
        return self._asked(algebra, records, lambda text, given: self.engine.write_parquet(text, given, path))

    def _asked(
        self, algebra: Algebra, records: Sequence[Collection], run: Callable[[str, list[str]], Result]
    ) -> Result:
        """Run the statement of a set algebra over the files of its operands.

        Where another process has replaced one of them since the records were read, they are read again while nobody
        can replace any.
        """
        given: list[str] = []
        try:
            text, given = algebra.sql(lambda operand: str(self._evaluated(operand, records).path))
            return run(text, given)
        except EngineError:
            if given and all(Path(file).exists() for file in given):
                raise
        with self.collections.settled() as now:
            text, given = read_algebra(algebra.text, now).sql(lambda operand: str(self._evaluated(operand, now).path))
            return run(text, given)

    def write_definition(self, collection: Collection, path: Path) -> int:
        """Write the keys of the rows that a Collection's filter or algebra tells now, and return how many there are.

        Raises
        ------
        CollectionError
            It was made of ids, or its text does not fit the snapshot.
        """
        return self._write(collection, self.collections.records(), self._now or datetime.now(UTC), path)

    def text_of(self, collection: Collection) -> str:
        """Return a Collection's filter or algebra, with what it names under the titles of today."""
        return current_text(_defined(collection), {c.id: c.title for c in self.collections.records()})

    # Selections

    def provenance(self, **of: Any) -> Provenance:
        """Return where members come from that are selected now."""
        return provenance_of(self.snapshot, **of)

    def defined(self, form: str, text: str, named: Named, time_zone: str = "UTC") -> Definition:
        """Return a definition that finds what it names under another title, too."""
        ids = {c.title: c.id for c in self.collections.records()}
        names = tuple((title, ids.get(title)) for title in named.titles)
        return Definition("algebra" if form == "algebra" else "filter", text, time_zone, names, named.clock)

    def of_algebra(self, text: str) -> Selection:
        """Return the rows that a set algebra tells.

        Raises
        ------
        FilterError
            As `read_algebra`.
        """
        records = self.collections.records()
        algebra = read_algebra(text, records)
        named = Named(tuple(operand.title for operand in algebra.operands))
        return Selection(
            relation=algebra.relation.name,
            provenance=lambda: self.provenance(algebra=algebra.text),
            write=lambda path: self._write_algebra(algebra, records, path),
            words=algebra.text,
            definition=self.defined("algebra", algebra.text, named),
            named=named,
        )

    def keys_of(self, algebra: str) -> list[Any]:
        """Return the keys of the rows that a set algebra tells, sorted; a key of one column as its value."""
        records = self.collections.records()
        read = read_algebra(algebra, records)
        rows = self._asked(read, records, lambda text, given: self.engine.rows(f"{text} ORDER BY ALL", given))
        return [row[0] for row in rows] if len(read.relation.key) == 1 else rows

    def of_ids(self, ids: Ids, relation: Relation, *, skip_unknown: bool = False) -> Selection:
        """Return the rows that ids name.

        Parameters
        ----------
        ids, relation
            Of what.
        skip_unknown
            Whether ids that the snapshot does not have are left out.

        Raises
        ------
        CollectionError
            The snapshot does not have some; the first are named.
        """

        def write(path: Path) -> int:
            return self.write_named(ids, relation, quoted(relation.name), [], path, skip_unknown=skip_unknown)

        count = f"{len(ids.rows):,} id{'' if len(ids.rows) == 1 else 's'}"
        return Selection(relation.name, lambda: self.provenance(ids=len(ids.rows)), write, words=count)

    def write_named(
        self, ids: Ids, relation: Relation, source: str, parameters: list[str], path: Path, *, skip_unknown: bool
    ) -> int:
        """Write the keys of a source's rows that ids name; parameters as `of_ids`, errors too."""
        with temporary(path.parent) as listed:
            write_ids(ids, listed)
            if not skip_unknown:
                self._refuse_unknown(ids, source, parameters, listed)
            keys = ", ".join(f"r.{quoted(name)}" for name in relation.key)
            match = f"SELECT 1 FROM {PARQUET} i WHERE {ids.sql()}"
            if len(ids.columns) == 1:
                match = _single(ids)
                text = f"SELECT {keys} FROM {source} r WHERE {match}"
                given = [str(listed)] * match.count("?")
            else:
                text, given = f"SELECT {keys} FROM {source} r WHERE EXISTS ({match})", [str(listed)]
            return self.engine.write_parquet(text, [*parameters, *given], path)

    def _refuse_unknown(self, ids: Ids, source: str, parameters: list[str], listed: Path) -> None:
        columns = ", ".join(f"i.{quoted(name)}" for name in ids.columns)
        if len(ids.columns) > 1:
            absent = f"NOT EXISTS (SELECT 1 FROM {source} r WHERE {ids.sql()})"
            given = parameters
        else:
            held = ("label_hash", "annotation_id") if ids.columns == ("id",) else ids.columns
            absent = " AND ".join(
                f"i.{quoted(ids.columns[0])} NOT IN (SELECT {quoted(name)} FROM {source} "
                f"WHERE {quoted(name)} IS NOT NULL)"
                for name in held
            )
            given = parameters * len(held)
        rows = self.engine.rows(f"SELECT {columns} FROM {PARQUET} i WHERE {absent}", [str(listed), *given])
        if rows:
            named = ", ".join(" ".join("–" if cell is None else cell for cell in row) for row in rows[:5])
            raise CollectionError(
                f"{len(rows):,} of {len(ids.rows):,} ids are not in the snapshot {self.snapshot.id}: {named}"
                + (", …" if len(rows) > 5 else ""),
                hint="give --skip-unknown to leave them out, or sync first",
            )


def _single(ids: Ids) -> str:
    (column,) = ids.columns
    held = ("label_hash", "annotation_id") if column == "id" else (column,)
    listed = f"(SELECT {quoted(column)} FROM {PARQUET})"
    return "(" + " OR ".join(f"r.{quoted(name)} IN {listed}" for name in held) + ")"


def _defined(collection: Collection) -> Definition:
    if collection.definition is None:
        raise CollectionError(f"{collection.title!r} has no filter: its members were given by their ids")
    return collection.definition
