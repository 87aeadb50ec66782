"""`Ahead`: data units are typed while the rest of them is being read.

One thread types the pages that are durable, in the order in which `materialise` takes them, into a file of its own: by
the organisation's schema and, for keys that it does not have, by the types that the first pages tell. That is a guess.
A page with another key, or with a value of another type, has all pages so far typed again, by what they tell together;
and in the end all rows are asked whether the types are those that `infer_chains` reads off them. So the tables are
those of `materialise`, or there are none: where anything is not the simple case (a row that was sent twice, a failure
of whatever kind), the caller types anew, and that says what is wrong.

The file counts once it is finished and published; what a crash leaves of it the next run removes.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, Self

import duckdb

from metaquery.interruptible import interruptible
from metaquery.interruption import stoppable
from metaquery.schema import MetadataSchema
from metaquery.store.chain import Chain
from metaquery.store.infer import infer_fields, still_inferred
from metaquery.store.materialise import UNLISTED, create_data, insert_pages, move_misfits
from metaquery.store.session import writing
from metaquery.store.snapshot import building_path, new_snapshot_id
from metaquery.unreadable import MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from concurrent.futures import Future
    from pathlib import Path
    from types import TracebackType

    from metaquery.schema import Schema
    from metaquery.settings import Settings
    from metaquery.store.layout import Layout
    from metaquery.store.snapshot import Snapshot
    from metaquery.store.spool import Part, Spool

__all__ = ["Ahead", "typing_ahead"]

_PAGES = 16
"""Pages, at least, that one statement types: to plan it takes as long as to type a page."""

_SHARE = 32
"""Of so many pages one, at least, is typed by one statement: each goes through the places of all rows of its part."""

_THREADS, _MEMORY_MB = 1, 400
"""DuckDB's, while there is something to read, which needs both, too; the memory where nobody says."""


class _Page(NamedTuple):
    chain: Chain
    generation: int
    number: int


def typing_ahead(
    layout: Layout,
    parts: Iterable[Part],
    before: Snapshot | None,
    metadata_schema: MetadataSchema | None,
    settings: Settings,
    *,
    full: bool,
) -> Ahead:
    """Return what types parts while they are read; nothing, where they may continue the snapshot before.

    Parameters
    ----------
    layout
        Of the workspace; its write lock has to be held.
    parts
        What is going to be read.
    before
        The published snapshot.
    metadata_schema
        The organisation's; None where it has none.
    settings
        Threads and memory.
    full
        Whether everything is read again.
    """
    known = {entry.part.folder for entry in before.parts} if before else set()
    anew = full or any(part.folder not in known for part in parts)
    into = building_path(layout, f"{new_snapshot_id()}-ahead") if anew else None
    return Ahead(into, metadata_schema or MetadataSchema({}), threads=settings.threads, memory_mb=settings.memory_mb)


class Ahead:
    """Types data units while others are read; a context manager, behind which nothing goes on.

    Parameters
    ----------
    into
        File to make; None types nothing ahead.
    metadata_schema
        The organisation's.
    threads, memory_mb
        As in `Settings`.
    """

    def __init__(
        self, into: Path | None, metadata_schema: MetadataSchema, *, threads: int = 0, memory_mb: int = 0
    ) -> None:
        self.into = into
        self._tables = None if into is None else _Tables(into, metadata_schema, threads, memory_mb)
        self._chains: list[Chain] = []
        self._pages: list[_Page] = []
        self._taken: dict[Path, int] = {}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="metaquery-type")
        self._task: Future[None] | None = None
        self._given_up = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give_up()
        self._pool.shutdown(cancel_futures=True)
        if self._tables is not None:
            self._tables.close()

    def watching(self, part: Part, spool: Spool, progress: Callable[[Part, int, int], None]) -> Callable[..., None]:
        """Return `progress` of a part that is read whole, by which its pages are typed as they become durable."""
        chain = Chain(part, (spool,))

        def noted(of: Part, received: int, expected: int) -> None:
            if not spool.checkpoint.duplicates:
                self._take(chain)
            progress(of, received, expected)

        return noted if part.kind == "units" else progress

    def add(self, chain: Chain) -> None:
        """Take a part that was read to its end; they come in the order in which `materialise` takes them."""
        if chain.part.kind != "units":
            return
        if chain.last.checkpoint.duplicates and self._taken.get(chain.last.folder):
            self._give_up()  # to find rows that come twice takes all pages at once
        self._chains.append(chain)
        self._take(chain)

    def finished(self, chains: Iterable[Chain]) -> Schema | None:
        """Type what is left, and return the schema of the tables that are in the file then, which is closed.

        None where these chains have to be typed anew.
        """
        units = [chain for chain in chains if chain.part.kind == "units"]
        for chain in units[len(self._chains) :]:
            self.add(chain)
        if self._chains != units:
            self._give_up()
        self._wait()
        if self._tables is None:
            return None
        if not self._given_up and self._tables.typed:
            self._task = self._pool.submit(self._run, last=True)
            self._wait()
        self._tables.close()
        return None if self._given_up else self._tables.finished

    def _take(self, chain: Chain) -> None:
        """Note the pages that have come, and have them typed once they are enough and the thread is free."""
        for generation, spool in enumerate(chain.spools):
            known, now = self._taken.get(spool.folder, 0), spool.checkpoint.pages.get("rows", 0)
            self._taken[spool.folder] = now
            self._pages += [_Page(chain, generation, number) for number in range(known, now)]
        if self._tables is None or self._given_up or (self._task is not None and not self._task.done()):
            return
        if len(self._pages) - self._tables.typed >= max(_PAGES, len(self._pages) // _SHARE, self._tables.in_vain):
            self._task = self._pool.submit(self._run)

    def _run(self, *, last: bool = False) -> None:
        try:
            if self._tables is not None and last:
                self._tables.finish(self._pages, self._chains)
            elif self._tables is not None:
                self._tables.go_on(self._pages.copy())
        except Exception:  # noqa: BLE001 - of whatever kind: to type anew comes to it, too, and then it is told
            self._given_up = True

    def _wait(self) -> None:
        if self._task is not None:
            with stoppable(self):
                interruptible(self._task.result, self._give_up)

    def interrupt(self) -> None:
        """Have what is being typed given up, from another thread."""
        self._give_up()

    def _give_up(self) -> None:
        self._given_up = True
        if self._tables is not None:
            self._tables.interrupt()


class _Tables:
    """The tables of the file; for one thread at a time.

    Attributes
    ----------
    typed
        Pages that are in them.
    in_vain
        Pages that were typed by what was not their schema: as many have to be there before it is tried again, so that
        no more is done in vain than is done at all.
    finished
        The schema, once all is typed by it.
    """

    def __init__(self, into: Path, metadata_schema: MetadataSchema, threads: int, memory_mb: int) -> None:
        self.typed = 0
        self.in_vain = 0
        self.finished: Schema | None = None
        self._into = into
        self._metadata_schema = metadata_schema
        self._threads = threads
        self._memory_mb = memory_mb or _MEMORY_MB
        self._open = ExitStack()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._schema = metadata_schema.schema()
        self._placed: Chain | None = None
        self._numbers = 0
        self._last_unit = -1
        self._stopped = False

    def go_on(self, pages: Sequence[_Page]) -> None:
        """Type the pages that are not typed; none is, where their schema turns out to be another."""
        if self._connection is None:
            self._connection = self._open.enter_context(
                writing(self._into, threads=_THREADS, memory_mb=self._memory_mb)
            )
        if not self.typed:
            self._begin(self._connection, pages)
        for (chain, generation), some in groupby(pages[self.typed :], lambda page: page[:2]):
            if self._stopped:
                return
            if chain != self._placed:
                self._numbers += chain.place(self._connection, self._numbers)
                chain.supersede(self._connection, "rows", "data_hash")
                self._placed = chain
            insert_pages(
                self._connection, self._schema, chain.part, generation, list(map(str, _files(some))),
                checkpoint=chain.spools[generation].checkpoint, spot=True,
            )  # fmt: skip
        self.typed = len(pages)
        if self._has_others(self._connection):
            self._connection.execute("ROLLBACK")
            self.in_vain += self.typed
            self.typed = 0

    def _begin(self, connection: duckdb.DuckDBPyConnection, pages: Sequence[_Page]) -> None:
        """Begin with a schema that is read off the pages that are there; in one transaction, as nothing else reads."""
        known = self._metadata_schema.options
        self._schema = self._metadata_schema.schema(infer_fields(connection, _files(pages), known))
        self._placed, self._numbers, self._last_unit = None, 0, -1
        connection.execute("BEGIN")
        create_data(connection, self._schema)

    def _has_others(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether the rows that came last have a key that the schema does not have, or a value of another type."""
        typed = enumerate(self._schema.fields, start=1)
        last, others = connection.execute(
            """SELECT max(unit), bool_or(len(list_filter(misfits, lambda m: m.field = $unlisted
                OR (list_contains($inferred::INTEGER[], m.field) AND NOT starts_with(m.raw, $mark)))) > 0)
            FROM data WHERE unit > $last""",
            {
                "unlisted": UNLISTED,
                "inferred": [place for place, field in typed if field.inferred and field.type != "STRING"],
                "mark": MARK,
                "last": self._last_unit,
            },
        ).fetchall()[0]
        self._last_unit = self._last_unit if last is None else last
        return bool(others)

    def finish(self, pages: Sequence[_Page], chains: Sequence[Chain]) -> None:
        """Type the pages that are left; finish the tables, if they are what typing these chains anew makes."""
        if self._connection is None:
            return
        if self._threads:
            self._connection.execute("SET threads = $n", {"n": self._threads})
        else:
            self._connection.execute("RESET threads")
        self.go_on(pages)
        self._last_unit = -1
        if not self.typed or self._has_others(self._connection):
            return
        move_misfits(self._connection, self._schema)
        if still_inferred(self._connection, self._schema, gone=any(len(chain.spools) > 1 for chain in chains)):
            self._connection.execute("COMMIT")
            self._connection.execute("CHECKPOINT")
            self.finished = self._schema

    def interrupt(self) -> None:
        """End what is being done by another thread."""
        self._stopped, connection = True, self._connection
        if connection is not None:
            with suppress(duckdb.Error):
                connection.interrupt()

    def close(self) -> None:
        """Let go of the file."""
        self._connection = None
        self._open.close()


def _files(pages: Iterable[_Page]) -> list[Path]:
    """Return the files of pages."""
    files = []
    for (chain, generation), some in groupby(pages, lambda page: page[:2]):
        there = chain.spools[generation].files("rows")
        files += [there[page.number] for page in some]
    return files
