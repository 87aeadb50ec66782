"""`diff()`: what two snapshots differ by, unit by unit and field by field; all of it by SQL over the two files.

Units are told apart by `content_md5` first, which stands for title, item and client metadata; fields are compared for
those alone that differ there or in a built-in field. A field that has another type in each snapshot is compared by its
text. A unit's place in its dataset and its tags are no part of it.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from metaquery.errors import FilterError, UsageError
from metaquery.moment import Moment
from metaquery.schema import DATA
from metaquery.store.pages import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from metaquery.engines.duckdb import DuckDBPair
    from metaquery.language import BindOptions
    from metaquery.pinned import Pinned
    from metaquery.schema import Field
    from metaquery.store.snapshot import Snapshot
    from metaquery.view import View

__all__ = ["Diff", "FieldChange", "UnitChange", "Where", "both_fields", "compared", "diff", "opened", "set_apart"]

_BUILT_IN = tuple(field for field in DATA.fields if field.name not in {"data_hash", "index", "tags"})

_FIELDS_A_STATEMENT = 50

Where: TypeAlias = "Callable[[View], View]"
"""What a filter does to a view; each of the two snapshots reads it by its own types."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """How one field changed, in units that are in both snapshots.

    Attributes
    ----------
    field, qualifier
        Its name; `meta` for client metadata, `unit` for a built-in field.
    retyped
        Whether it has another type in each snapshot, so that texts were compared.
    other_value, to_value, to_missing, to_invalid
        Units with a value before and another now, with a value now only, with none now, with one now that does not fit.
    """

    field: str
    qualifier: str
    retyped: bool
    other_value: int
    to_value: int
    to_missing: int
    to_invalid: int

    @property
    def changed(self) -> int:
        """Units in which the field changed."""
        return self.other_value + self.to_value + self.to_missing + self.to_invalid


@dataclass(frozen=True, slots=True)
class UnitChange:
    """A unit that differs: `added`, `removed`, `changed`, or `described`, which is changed in built-in fields alone."""

    data_hash: str
    title: str | None
    change: str


@dataclass(frozen=True, slots=True)
class Diff:
    """What two snapshots differ by.

    Attributes
    ----------
    before, after
        Their ids.
    added, removed, changed
        Data units; changed in title, item, dataset or client metadata, as in a sync's report.
    described
        Data units that changed in built-in fields alone, such as their dataset's title.
    fields
        Fields that changed, most units first.
    units
        Some of the units that differ, by change and title.
    not_asked
        Of the two ids, the one whose fields the filter does not fit, so that nothing matches there.
    """

    before: str
    after: str
    added: int
    removed: int
    changed: int
    described: int
    fields: tuple[FieldChange, ...]
    units: tuple[UnitChange, ...]
    not_asked: str | None

    def to_json(self) -> dict[str, Any]:
        """Return all of it, for scripts."""
        fields = [{**asdict(field), "changed": field.changed} for field in self.fields]
        return {**asdict(self), "fields": fields}


def diff(before: View, after: View, pair: DuckDBPair, *, where: Where | None = None, limit: int = 10) -> Diff:
    """Compare two snapshots.

    Parameters
    ----------
    before, after
        Views of all their data units.
    pair
        Their files, as `a` and `b`.
    where
        Narrows a view by a filter; a unit counts that matches in the one or the other.
    limit
        Units to name.

    Raises
    ------
    FilterError
        The filter fits neither snapshot.
    """
    not_asked = set_apart(pair, before, after, where)
    counts = dict(pair.rows("SELECT change, count(*) FROM apart GROUP BY change"))
    units = pair.rows("SELECT data_hash, title, change FROM apart ORDER BY change, title, data_hash LIMIT ?", [limit])
    fields = [change for some in both_fields(before.snapshot, after.snapshot) for change in _changes(pair, some)]
    return Diff(
        before=before.snapshot.id,
        after=after.snapshot.id,
        **{change: counts.get(change, 0) for change in ("added", "removed", "changed", "described")},
        fields=tuple(sorted((f for f in fields if f.changed), key=lambda f: -f.changed)),
        units=tuple(UnitChange(*row) for row in units),
        not_asked=not_asked,
    )


def compared(old: Pinned, new: Pinned, options: BindOptions, *, where: Where | None, limit: int) -> Diff:
    """Open the files of two snapshots, and compare them; as `diff`.

    Raises
    ------
    UsageError
        The limit cannot be meant.
    """
    if limit < 0:
        raise UsageError("a limit is 0 or more units")
    with opened(old, new, narrowed=where is not None) as pair:
        return diff(Moment(old, options).data, Moment(new, options).data, pair, where=where, limit=limit)


@contextmanager
def opened(old: Pinned, new: Pinned, *, narrowed: bool) -> Iterator[DuckDBPair]:
    """Open the files of two snapshots, with the members that a filter may ask for."""
    from metaquery.engines.duckdb import DuckDBPair  # 130 ms that only a comparison pays

    members = new.memberships() if narrowed else ()
    threads, memory_mb = new.settings.threads, new.settings.memory_mb
    pair = DuckDBPair(old.file(), new.file(), members, threads=threads, memory_mb=memory_mb)
    try:
        yield pair
    finally:
        pair.close()


def _match(pair: DuckDBPair, before: View, after: View, where: Where) -> str | None:
    """Make the table `matched (data_hash)`; return the snapshot that the filter does not fit."""
    pair.rows("CREATE TEMP TABLE matched (data_hash VARCHAR)")
    refused: list[tuple[View, FilterError]] = []
    for database, view in (("a", before), ("b", after)):
        try:
            sql = where(view).select("data_hash").sql()
        except FilterError as error:
            refused.append((view, error))
            continue
        pair.rows(f"INSERT INTO temp.matched {sql.text}", sql.params, of=database)
    if len(refused) == 2:
        raise refused[1][1]
    return refused[0][0].snapshot.id if refused else None


def set_apart(pair: DuckDBPair, before: View, after: View, where: Where | None) -> str | None:
    """Make the tables that tell two snapshots apart; return the id of that which the filter does not fit.

    They are `apart (data_hash, title, change)`, the units that differ, and `raws_a` and `raws_b (data_hash, raws)`,
    their misfits by field.
    """
    not_asked = _match(pair, before, after, where) if where is not None else None
    described = " OR ".join(f"a.{quoted(f.column)} IS DISTINCT FROM b.{quoted(f.column)}" for f in _BUILT_IN)
    matched = "WHERE data_hash IN (SELECT data_hash FROM matched)" if where is not None else ""
    pair.rows(f"""CREATE TEMP TABLE apart AS
        SELECT * FROM (
            SELECT coalesce(b.data_hash, a.data_hash) AS data_hash, coalesce(b.title, a.title) AS title,
                CASE WHEN a.data_hash IS NULL THEN 'added' WHEN b.data_hash IS NULL THEN 'removed'
                    WHEN a.content_md5 <> b.content_md5 OR a.dataset_hash <> b.dataset_hash THEN 'changed'
                    ELSE 'described' END AS change
            FROM a.data a FULL JOIN b.data b ON a.data_hash = b.data_hash
            WHERE a.data_hash IS NULL OR b.data_hash IS NULL OR a.content_md5 <> b.content_md5 OR {described})
        {matched}""")
    for database in ("a", "b"):
        pair.rows(f"""CREATE TEMP TABLE raws_{database} AS
            SELECT data_hash, map_from_entries(list({{'k': field, 'v': raw}})) AS raws FROM {database}.rejects
            WHERE field IS NOT NULL AND data_hash IN (SELECT data_hash FROM apart) GROUP BY data_hash""")
    return not_asked


def both_fields(before: Snapshot, after: Snapshot) -> Iterator[list[tuple[Field | None, Field | None]]]:
    """Yield the built-in fields and client metadata of two snapshots, each as it is in the one and in the other.

    They come in portions that one statement can be about.
    """
    names = dict.fromkeys([*after.schema.names(), *before.schema.names()])
    both: list[tuple[Field | None, Field | None]] = [(f, f) for f in _BUILT_IN]
    both += [(before.schema.get(name), after.schema.get(name)) for name in names]
    for at in range(0, len(both), _FIELDS_A_STATEMENT):
        yield both[at : at + _FIELDS_A_STATEMENT]


def _changes(pair: DuckDBPair, both: Sequence[tuple[Field | None, Field | None]]) -> list[FieldChange]:
    values: list[str] = []
    parameters: list[str] = []
    told: list[tuple[str, str, bool]] = []
    for old, new in both:
        field = new or old
        if field is None:
            continue
        retyped = old is not None and new is not None and old.column_type != new.column_type
        a, b, n = _value("a", old, text=retyped), _value("b", new, text=retyped), len(told)
        values.append(f"{a} AS a{n}, {b} AS b{n}, x.raws[?] AS c{n}, y.raws[?] AS d{n}")
        parameters += [field.name, field.name]
        told.append((field.name, field.qualifier, retyped))
    counts = ", ".join(_COUNTS.format(n=n) for n in range(len(told)))
    (row,) = pair.rows(
        f"""SELECT {counts} FROM (SELECT {", ".join(values)} FROM apart t
            JOIN a.data a ON a.data_hash = t.data_hash JOIN b.data b ON b.data_hash = t.data_hash
            LEFT JOIN raws_a x ON x.data_hash = t.data_hash LEFT JOIN raws_b y ON y.data_hash = t.data_hash)""",
        parameters,
    )
    return [FieldChange(*told[n], *row[4 * n : 4 * n + 4]) for n in range(len(told))]


_COUNTS = """
    count(*) FILTER (a{n} IS NOT NULL AND b{n} IS NOT NULL AND a{n} IS DISTINCT FROM b{n}),
    count(*) FILTER (a{n} IS NULL AND b{n} IS NOT NULL),
    count(*) FILTER (b{n} IS NULL AND d{n} IS NULL AND (a{n} IS NOT NULL OR c{n} IS NOT NULL)),
    count(*) FILTER (b{n} IS NULL AND d{n} IS NOT NULL AND (a{n} IS NOT NULL OR c{n} IS DISTINCT FROM d{n}))"""
"""Of one field, whose value is `a` before and `b` now, and whose misfit `c` and `d`."""


def _value(database: str, field: Field | None, *, text: bool) -> str:
    """Return SQL of a field's value in one snapshot; NULL where that has no such field."""
    if field is None:
        return "NULL"
    column = f"{database}.{quoted(field.column)}"
    return f"{column}::VARCHAR" if text else column
