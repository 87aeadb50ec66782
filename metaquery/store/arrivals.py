"""`Arrivals`: the data units that came, were replaced and went since a snapshot, found out from its file as it is.

Nothing is written but temporary tables::

    named     data_hash, gone, turn: what each generation has, and what it says is no longer there
    old       data_hash, content, place, unit, dataset_hash, row: those of the snapshot that are named; `row`: `rowid`
    standing  data_hash, place, unit, dataset_hash: the named units as the generations so far leave them
    arrived   in the form of `data`, with misfits: the rows that take the place of `old`

The names of all generations are looked up at once: that is a look at every `data_hash` that there is, which at ten
million units takes as long as all else together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from metaquery.store.counting import values_of
from metaquery.store.infer import infer_fields
from metaquery.store.materialise import UNLISTED, typed_units, unit_parameters
from metaquery.store.pages import INDEX, REMOVED, UNITS
from metaquery.store.snapshot import Changes

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    import duckdb

    from metaquery.schema import Schema
    from metaquery.store.spool import Part, Spool

__all__ = ["Arrivals", "arrivals"]


class Arrivals(NamedTuple):
    """What has become of the data units.

    Attributes
    ----------
    changes
        How many there are of each kind.
    differences
        How many more units have a value of each field, in the schema's order.
    shrunk
        Datasets that lost units, whose places have to be counted anew.
    once
        Whether each unit that is there now came once.
    """

    changes: Changes
    differences: list[int]
    shrunk: list[str]
    once: bool


class _Turn(NamedTuple):
    """One generation of a part: its number here, and whether it has rows."""

    number: int
    part: Part
    spool: Spool
    rows: bool

    @property
    def pages(self) -> str:
        """Name of the table that its rows are read into."""
        return f"pages_{self.number}"


def arrivals(
    connection: duckdb.DuckDBPyConnection,
    schema: Schema,
    generations: Sequence[tuple[Part, Spool]],
    known: Container[str],
) -> Arrivals | None:
    """Find out what became of the data units of a snapshot.

    Parameters
    ----------
    connection
        Whose database is the snapshot; it is only read.
    schema
        The snapshot's.
    generations
        Those of data units that came since, each part's oldest first.
    known
        Every key that there may be.

    Returns
    -------
    Arrivals or None
        None where the tables have to be typed anew: there is a key that is not `known`, an annotation lost its unit,
        which typing anew counts, or a unit comes that another dataset has yet, which is about to lose it.
    """
    turns = _named(connection, generations)
    connection.execute(f"""
        CREATE TEMP TABLE old AS
        SELECT data_hash, {_CONTENT} AS content, "index" AS place, unit, dataset_hash, rowid AS row FROM data
        WHERE data_hash IN (SELECT data_hash FROM named)""")
    connection.execute("CREATE TEMP TABLE standing AS SELECT data_hash, place, unit, dataset_hash FROM old")
    connection.execute(
        "CREATE TEMP TABLE arrived AS SELECT *, NULL::STRUCT(field INTEGER, raw VARCHAR)[] AS misfits FROM data LIMIT 0"
    )
    if _loses_annotations(connection):
        return None
    shrunk = []
    for turn in turns:
        if _moves(connection, turn):
            return None
        if _take_out(connection, turn) and turn.part.hash not in shrunk:
            shrunk.append(turn.part.hash)
        if turn.rows and not _put_in(connection, schema, turn, known):
            return None
    less = values_of(connection, schema, "data WHERE rowid IN (SELECT row FROM old)")
    more = values_of(connection, schema, "arrived")
    ((once,),) = connection.execute("SELECT count(*) = count(DISTINCT unit) FROM arrived").fetchall()
    return Arrivals(_changes(connection), [b - a for a, b in zip(less, more, strict=True)], shrunk, once)


_CONTENT = "content_md5 || dataset_hash"
"""What a unit is changed by."""


def _named(connection: duckdb.DuckDBPyConnection, generations: Sequence[tuple[Part, Spool]]) -> list[_Turn]:
    """Read the pages of all generations, and make `named`."""
    connection.execute("CREATE TEMP TABLE named (data_hash VARCHAR, gone BOOLEAN, turn INTEGER)")
    turns = []
    for number, (part, spool) in enumerate(generations):
        removed, rows = _files(spool, "removed"), _files(spool, "rows")
        turns.append(_Turn(number, part, spool, bool(rows)))
        if removed:
            reading = f"INSERT INTO named SELECT DISTINCT name, true, $turn FROM {REMOVED}"
            connection.execute(reading, {"files": removed, "turn": number})
        if rows:
            connection.execute(f"CREATE TEMP TABLE {turns[-1].pages} AS FROM {UNITS}", {"files": rows})
            connection.execute(
                f"INSERT INTO named SELECT DISTINCT data_hash, false, $turn FROM {turns[-1].pages}", {"turn": number}
            )
    return turns


def _files(spool: Spool, stream: str) -> list[str]:
    return [str(file) for file in spool.files(stream)]


def _loses_annotations(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether a unit that is gone has annotations."""
    gone = "unit IN (SELECT unit FROM old WHERE data_hash IN (SELECT data_hash FROM named WHERE gone))"
    return any(
        connection.execute(f"SELECT 1 FROM {table} WHERE {gone} LIMIT 1").fetchall()
        for table in ("labels", "predictions")
    )


_CAME = "SELECT data_hash FROM named WHERE turn = $turn AND NOT gone"
_GONE = f"SELECT data_hash FROM named WHERE turn = $turn AND gone AND data_hash NOT IN ({_CAME})"


def _moves(connection: duckdb.DuckDBPyConnection, turn: _Turn) -> bool:
    """Whether a unit comes that another dataset has."""
    moved = f"SELECT 1 FROM standing WHERE data_hash IN ({_CAME}) AND dataset_hash <> $dataset LIMIT 1"
    return bool(connection.execute(moved, {"turn": turn.number, "dataset": turn.part.hash}).fetchall())


def _take_out(connection: duckdb.DuckDBPyConnection, turn: _Turn) -> int:
    """Take out what a generation replaces or removes; return how many are gone."""
    connection.execute(
        "DELETE FROM arrived WHERE data_hash IN (SELECT data_hash FROM named WHERE turn = $turn)", {"turn": turn.number}
    )
    gone = connection.execute(f"DELETE FROM standing WHERE data_hash IN ({_GONE})", {"turn": turn.number}).fetchall()
    return int(gone[0][0])


def _put_in(connection: duckdb.DuckDBPyConnection, schema: Schema, turn: _Turn, known: Container[str]) -> bool:
    """Type the rows of a generation; return whether all keys are known."""
    _place(connection, turn)
    if not _type(connection, schema, turn, known):
        return False
    connection.execute("INSERT INTO arrived FROM typed")
    connection.execute(f"DROP TABLE {turn.pages}")
    return True


def _place(connection: duckdb.DuckDBPyConnection, turn: _Turn) -> None:
    """Make `positions` for the units that come: those that are replaced stand where they stood, others behind."""
    connection.execute("CREATE OR REPLACE TEMP TABLE listed (data_hash VARCHAR, place BIGINT)")
    of_turn = {"turn": turn.number}
    new = f"{_CAME} AND data_hash NOT IN (SELECT data_hash FROM standing)"
    files = _files(turn.spool, "index")
    places = numbers = 0
    if files and connection.execute(f"{new} LIMIT 1", of_turn).fetchall():  # only these are placed by the index
        connection.execute(f"INSERT INTO listed FROM {INDEX}", {"files": files})
        places, numbers = _free(connection, turn.part.hash)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE positions AS
        SELECT data_hash, place AS "index", unit FROM standing WHERE data_hash IN ({_CAME})
        UNION ALL
        SELECT data_hash, row_number() OVER (ORDER BY place) - 1 + $places AS "index",
            (row_number() OVER (ORDER BY place) - 1 + $numbers)::INTEGER AS unit
        FROM listed WHERE place IS NOT NULL AND data_hash IN ({new})""",
        {**of_turn, "places": places, "numbers": numbers},
    )
    connection.execute(
        """INSERT INTO standing SELECT data_hash, "index", unit, $dataset FROM positions
        WHERE data_hash NOT IN (SELECT data_hash FROM standing)""",
        {"dataset": turn.part.hash},
    )


def _free(connection: duckdb.DuckDBPyConnection, dataset_hash: str) -> tuple[int, int]:
    """Return the first place of a dataset, and the first number, that no unit has or had."""
    ((place, number),) = connection.execute(
        """SELECT greatest(
                (SELECT coalesce(max("index"), -1) FROM data WHERE dataset_hash = $dataset),
                (SELECT coalesce(max(place), -1) FROM standing WHERE dataset_hash = $dataset)) + 1,
            greatest((SELECT coalesce(max(unit), -1) FROM data), (SELECT coalesce(max(unit), -1) FROM standing)) + 1""",
        {"dataset": dataset_hash},
    ).fetchall()
    return int(place), int(number)


def _type(connection: duckdb.DuckDBPyConnection, schema: Schema, turn: _Turn, known: Container[str]) -> bool:
    """Make `typed` of the pages of a generation; return whether all keys are known.

    As in `materialise`, the length of each document tells; where it does not, since one has a key twice, they are
    looked for.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE superseded (name VARCHAR, generation INTEGER)")
    for spot in (True, False):
        connection.execute("CREATE OR REPLACE TEMP TABLE typed AS FROM arrived LIMIT 0")
        rows = typed_units(schema, duplicates=turn.spool.checkpoint.duplicates, spot=spot, source=turn.pages)
        connection.execute(f"INSERT INTO typed {rows}", {**unit_parameters(schema, turn.part), "generation": 0})
        marked = f"SELECT 1 FROM typed WHERE misfits[1].field = {UNLISTED} LIMIT 1"
        if not spot or not connection.execute(marked).fetchall():
            return True
        if infer_fields(connection, turn.spool.files("rows"), known):
            return False
    return True


def _changes(connection: duckdb.DuckDBPyConnection) -> Changes:
    added, changed, removed = connection.execute(f"""
        SELECT count(*) FILTER (o.data_hash IS NULL), count(*) FILTER (now.content <> o.content),
            count(*) FILTER (now.data_hash IS NULL)
        FROM old o FULL JOIN (SELECT data_hash, {_CONTENT} AS content FROM arrived) now
            ON now.data_hash = o.data_hash""").fetchall()[0]
    return Changes(added, changed, removed)
