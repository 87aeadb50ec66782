"""`Pinned`: what every view of one snapshot shares."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn, Self
from weakref import proxy

from metaquery.engines.base import Membership
from metaquery.errors import MetaqueryError, UsageError
from metaquery.frozen import dataclass
from metaquery.schema import RELATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from metaquery.clauses import Known
    from metaquery.collection import Collections
    from metaquery.collection.evaluation import Evaluation
    from metaquery.collection.selection import Selection
    from metaquery.completion import Completer
    from metaquery.engines.base import Engine
    from metaquery.engines.duckdb import DuckDBEngine
    from metaquery.language import Dialect, Query, Sql
    from metaquery.schema import Field
    from metaquery.settings import Settings
    from metaquery.store.evidence import Rows
    from metaquery.store.pins import Pin
    from metaquery.store.snapshot import Snapshot

__all__ = ["Pinned"]


@dataclass(frozen=True)
class Pinned:
    """What every view of one snapshot shares: the snapshot, its engine, the Collections.

    Attributes
    ----------
    snapshot
        What is queried.
    file
        Returns the snapshot's DuckDB file, made again where it was cleared away.
    collections
        Returns those of the workspace, which are read by each statement that asks for members.
    settings
        Threads and memory.
    saved
        Saved filters of a relation, text by name.
    past
        Returns the same of another snapshot, by its id or a date.
    pin
        Keeps the snapshot from being pruned; None where it is no workspace's.
    now
        What `now()` is in the filters of live Collections; None asks the clock.
    """

    snapshot: Snapshot
    file: Callable[[], Path]
    collections: Callable[[], Collections]
    settings: Settings
    saved: Callable[[str], dict[str, str]]
    past: Callable[[str], Pinned]
    pin: Pin | None
    now: datetime | None = None

    @cached_property
    def engine(self) -> Engine:
        """The connection to the snapshot, opened when it is first needed."""
        from metaquery.engines.duckdb import DuckDBEngine  # 130 ms that building a view need not pay

        threads, memory_mb = self.settings.threads, self.settings.memory_mb
        collections, snapshot, now = self.collections, self.snapshot, self.now

        def members(engine: DuckDBEngine, titles: frozenset[str] | None) -> tuple[Membership, ...]:
            """Name nothing of `self`: a circle would keep the pin until the garbage collector came by."""
            from metaquery.collection.evaluation import Evaluation

            return _memberships(Evaluation(collections(), snapshot, lambda: engine, now), titles)

        return DuckDBEngine(self.file(), members, threads=threads, memory_mb=memory_mb)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return itself: a snapshot does not change, and views that are copied share it as others do."""
        return self

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled, as views do by it.

        Raises
        ------
        UsageError
            In any case.
        """
        raise UsageError(
            "a view cannot be sent to another process, as its connection cannot",
            hint="open the workspace there, and filter by the text of view.canonical",
        )

    @property
    def dialect(self) -> Dialect:
        """How the engine spells SQL; known before the engine is opened."""
        from metaquery.language import DUCKDB  # as in `engine`

        return DUCKDB

    def require_duckdb(self, what: str) -> None:
        """See that DuckDB answers, where something is asked in its SQL.

        Raises
        ------
        UsageError
            Spark does.
        """

    def misfit_rows(self, keys: Sequence[str], most: int) -> Rows:  # noqa: ARG002  # a lake has to fetch them
        """Return what runs DuckDB's SQL over the values that do not fit, of some keys at least, and at most so many."""
        return self.engine.rows

    def require_sayable(self, query: Query) -> None:
        """See that the engine can say all of a query, as DuckDB can."""

    @property
    def evaluation(self) -> Evaluation:
        """The Collections as the snapshot has them; made anew each time, as in `engine`."""
        from metaquery.collection.evaluation import Evaluation  # a filter that names none need not pay

        return Evaluation(self.collections(), self.snapshot, lambda: self.engine, self.now)

    def selection(
        self, query: Query, *, unknown: Callable[[], int], write: Callable[[Path], int], time_zone: str
    ) -> Selection:
        """Return the rows of a query as members of a Collection to be; as `Selection.of_query`."""
        from metaquery.collection.selection import Selection  # who only looks need not pay

        here = self.evaluation
        return Selection.of_query(
            query, provenance=here.provenance, defined=here.defined, unknown=unknown, write=write, time_zone=time_zone
        )

    def memberships(self, titles: frozenset[str] | None = None) -> tuple[Membership, ...]:
        """Return the members of Collections and tags of some titles, or of all; live ones are evaluated."""
        return _memberships(self.evaluation, titles)

    @cached_property
    def completer(self) -> Completer:
        """What completes filters over the snapshot; remembers the values that it has looked up."""
        from metaquery.completion import Completer  # 20 ms that no other method pays
        from metaquery.user_directories import cache_directory
        from metaquery.value_cache import ValueCache

        mine = proxy(self)  # as in `engine`
        directory, folder = cache_directory(), self.snapshot.path.parent
        return Completer(
            self.snapshot.schema,
            self.snapshot.counts,
            rows=lambda sql: mine.engine.rows(sql.text, sql.params),
            collections=lambda: mine.collections().all(),
            tags=lambda: mine.collections().tags(),
            saved=self.saved,
            kept=None if directory is None else ValueCache(directory, folder, self.snapshot.id),
            dialect=lambda: mine.dialect,
        )

    def known(self, time_zone: str) -> Known:
        """Return what helps to say why nothing matches; days are of a time zone."""
        from metaquery.clauses import Known  # who finds something need not pay

        invalid = {key.name: key.invalid for key in self.snapshot.keys}
        rows = {name: self.snapshot.counts.of(relation) for name, relation in RELATIONS.items()}
        return Known(lambda field: self.completer.every_value(field, time_zone), invalid, rows)

    def example(self, field: Field, time_zone: str) -> str | None:
        """Return a value that rows have in a field, as a filter writes it; None where none is known."""
        with suppress(MetaqueryError):  # a file that cannot be read is no part of the mistake that it is asked for
            return self.completer.example(field, time_zone)
        return None

    @cached_property
    def estimates(self) -> dict[tuple[str, Field], int]:
        """About how many values fields have, by relation and field; those that somebody has asked for."""
        return {}

    @cached_property
    def _asked(self) -> set[str]:
        """What somebody has asked to keep."""
        return set()

    def keep(self, name: str, sql: Callable[[], Sql]) -> bool:
        """Have the engine keep the rows of a statement, from the second time on that they would help.

        Who asks once, as a command does, need not wait for it.

        Returns
        -------
        bool
            Whether they are there, as the table `kept.<name>`.
        """
        if name not in self._asked:
            self._asked.add(name)
            return False
        made = sql()
        return self.engine.keep(name, made.text, made.params)

    def regex_error(self, pattern: str) -> str | None:
        """Return what the engine says against a regular expression; opens it, as only filters with one ask."""
        return self.engine.regex_error(pattern)


def _memberships(evaluation: Evaluation, titles: frozenset[str] | None) -> tuple[Membership, ...]:
    return tuple(Membership(c.title, c.path, c.kind == "tag") for c in evaluation.all(titles))
