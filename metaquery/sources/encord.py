"""`EncordSource`: reads from Encord, the way `encord-wire-protocol.md` §10.7 advises.

First the index of a dataset's rows, without metadata, then the rows in batches by data hash, several requests in
flight, each page durable before the next is counted. What the index announced and the pages did not bring is asked for
again, and never passed over.

Where the published snapshot has the part already, only rows are read of which the index says something else than last
time, and those that were edited about when it was read then: the server's times are whole seconds, and its clock is not
ours. An edit that changes nothing in the index, its time included, is found by a full read only.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from metaquery.errors import NotFound, SyncError
from metaquery.interruption import heed
from metaquery.sources.comparison import (
    Difference,
    IndexEntry,
    Listed,
    Name,
    difference,
    digest,
    known_labels,
    known_units,
)
from metaquery.store.spool import Part, Spool
from metaquery.suggestions import similar
from metaquery.wire import EncordClient, LabelRow, Page, label_hashes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from metaquery.sources import Progress, Scope
    from metaquery.store.chain import Chain

__all__ = ["EncordSource", "found_project", "in_order", "typable"]

_LABELS_A_REQUEST = 500

_LONGEST = 15 << 20
"""Bytes of a data row, as in a file: what types the pages takes 16 MB, and says of longer ones only that they are."""

_LOOK_S = 0.2
"""How long who waits for a page may not hear a Ctrl-C."""

_MARGIN_S = 15 * 60
"""How far the server's clock may be from ours: it refuses signatures that differ by more (protocol §11)."""


class EncordSource:
    """Reads from Encord.

    Parameters
    ----------
    client
        An open client.
    page_rows
        Data rows a request, 1 to 1,000.
    connections
        Requests in flight.
    """

    def __init__(self, client: EncordClient, *, page_rows: int = 1_000, connections: int = 4) -> None:
        self._client = client
        self._page_rows = page_rows
        self._connections = connections

    @property
    def domain(self) -> str:
        """The server."""
        return self._client.domain

    @property
    def resumes(self) -> bool:
        """Pages that have come are kept."""
        return True

    def owns(self, part: Part) -> bool:
        """Whether a part came from a server."""
        return not part.origin

    def plan(self, scope: Scope) -> tuple[Part, ...]:
        """Resolve titles and hashes, and return the parts, datasets first.

        Raises
        ------
        NotFound
            A project or dataset is not there; the nearest titles are named.
        SyncError
            A title belongs to several.
        """
        projects = _chosen("project", [(p.project_hash, p.title) for p in self._client.projects()], scope.projects)
        if scope.datasets and not scope.projects:
            projects = []
        attached: dict[str, list[tuple[str, str]]] = {}
        titles: dict[str, str] = {}
        for project in projects:
            for dataset in self._client.project_datasets(project[0]):
                attached.setdefault(dataset.dataset_hash, []).append(project)
                titles[dataset.dataset_hash] = dataset.title
        if scope.everything or scope.datasets:
            known = [(d.dataset_hash, d.title) for d in self._client.datasets()]
            titles |= dict(_chosen("dataset", known, scope.datasets))
        units = [Part("units", h, title, tuple(attached.get(h, ()))) for h, title in titles.items()]
        return (*units, *(Part("labels", h, title) for h, title in projects))

    def fill(self, part: Part, spool: Spool, base: Chain | None, progress: Progress) -> None:
        """Read the part to its end, or what of it has changed since `base`.

        Raises
        ------
        SyncError
            The server lists rows that it does not give.
        """
        if part.kind == "units":
            self._fill_units(part, spool, base, progress)
        else:
            self._fill_labels(part, spool, base, progress)
        spool.advance(complete=True)

    def _fill_units(self, part: Part, spool: Spool, base: Chain | None, progress: Progress) -> None:
        if not spool.checkpoint.listed_at:
            self._list_units(part, spool, base)
        self._fill(
            part,
            spool,
            [
                row.data_hash
                for body in spool.bodies("index")
                for row in msgspec.json.decode(body, type=list[IndexEntry])
            ],
            "rows",
            size=self._page_rows,
            read=lambda wanted: typable(self._client.data_rows(part.hash, wanted)),
            name=lambda page: [row.data_hash for row in msgspec.json.decode(page.body, type=list[_Unit])],
            relist=lambda: set(self._client.row_index(part.hash)),
            progress=progress,
        )

    def _list_units(self, part: Part, spool: Spool, base: Chain | None) -> None:
        """Write down what has to be read: all, or what differs from `base`.

        It counts once `listed_at` is set: a crash before has it written again.
        """
        spool.restart()
        now = time.time()
        rows = {row.data_hash: row for row in self._client.listed_rows(part.hash)}
        found = None
        if base is not None:
            since = base.last.checkpoint.listed_at - _MARGIN_S
            listed = [Listed(n, row.digest, _edited(row.last_edited_at) >= since) for n, row in rows.items()]
            found = difference(listed, known_units(base), ordered=True)
        if base is None or found is None:
            index = [IndexEntry(name, place, row.digest) for place, (name, row) in enumerate(rows.items())]
            spool.append("index", msgspec.json.encode(index), expected=len(rows), total=len(rows), listed_at=now)
            return
        places = {name: place for place, name in enumerate(rows)} if found.added else {}
        index = [
            IndexEntry(row.name, places[row.name] if row.name in found.added else None, row.digest)
            for row in found.wanted
        ]
        _continue(spool, found, "index", msgspec.json.encode(index))
        spool.advance(total=len(rows), listed_at=now, base=base.last.folder.name)

    def _fill_labels(self, part: Part, spool: Spool, base: Chain | None, progress: Progress) -> None:
        if not spool.checkpoint.listed_at:
            self._list_labels(part, spool, base)
        self._fill(
            part,
            spool,
            [name for body in spool.bodies("label_rows") for name in _opened(Page(body, 0, None))],
            "labels",
            size=_LABELS_A_REQUEST,
            read=lambda wanted: self._client.labels(part.hash, wanted),
            name=lambda page: [row.label_hash for row in msgspec.json.decode(page.body, type=list[_Label])],
            relist=lambda: set(_opened(self._client.label_rows(part.hash))),
            progress=progress,
        )

    def _list_labels(self, part: Part, spool: Spool, base: Chain | None) -> None:
        spool.restart()
        now = time.time()
        page = self._client.label_rows(part.hash)
        rows = _opened(page)
        if base is None:
            spool.append("label_rows", page.body, expected=len(rows), total=len(rows), listed_at=now)
            return
        since = base.last.checkpoint.listed_at - _MARGIN_S
        listed = [Listed(n, digest(row.text), _edited(row.last_edited_at) >= since) for n, row in rows.items()]
        found = difference(listed, known_labels(base), ordered=False)
        if found is None:
            raise TypeError(listed)
        body = b"[" + b",".join([rows[row.name].text for row in found.wanted]) + b"]"
        _continue(spool, found, "label_rows", body)
        spool.advance(total=len(listed), listed_at=now, base=base.last.folder.name)

    def _fill(  # one loop for both kinds: what differs comes in by name
        self,
        part: Part,
        spool: Spool,
        listed: Sequence[str],
        stream: str,
        *,
        size: int,
        read: Callable[[Sequence[str]], Page],
        name: Callable[[Page], list[str]],
        relist: Callable[[], set[str]],
        progress: Progress,
    ) -> None:
        progress(part, spool.checkpoint.received, spool.checkpoint.expected)
        start = spool.checkpoint.position
        batches = [listed[at : at + size] for at in range(start, len(listed), size)]
        for wanted, page in zip(batches, in_order(read, batches, self._connections), strict=True):
            pages, missing, clean = _complete(wanted, page, read, name)
            gone = missing - relist() if missing else set()
            if missing - gone:
                raise SyncError(
                    f"{part.title}: the server lists {len(missing - gone)} rows that it does not give, "
                    f"first {min(missing - gone)}",
                    hint="nothing was published; run the sync again",
                )
            if gone:
                spool.append("removed", msgspec.json.encode([Name(name) for name in sorted(gone)]))
            at = spool.checkpoint
            spool.append(
                stream,
                *(extra.body for extra in pages),
                position=at.position + len(wanted),
                received=at.received + len(wanted) - len(gone),
                expected=at.expected - len(gone),
                total=at.total - len(gone),
                duplicates=at.duplicates or not clean,
            )
            progress(part, spool.checkpoint.received, spool.checkpoint.expected)


def _continue(spool: Spool, found: Difference, stream: str, body: bytes) -> None:
    """Write down a difference; the caller makes it count."""
    if found.removed:
        spool.append("removed", msgspec.json.encode([Name(name) for name in found.removed]))
    spool.append(stream, *((body,) if found.wanted else ()), expected=len(found.wanted))


class _Unit(msgspec.Struct, gc=False):
    data_hash: str


class _Label(msgspec.Struct, gc=False):
    label_hash: str


def typable(page: Page) -> Page:
    """Return a page of data rows, of which none is too long for the tables.

    Raises
    ------
    SyncError
        One is; it is named before it is kept, as no sync could go on with it.
    """
    for row in msgspec.json.decode(page.body, type=list[msgspec.Raw]) if len(page.body) > _LONGEST else ():
        size = len(bytes(row))
        if size > _LONGEST:
            raise SyncError(
                f"the data unit {msgspec.json.decode(row, type=_Unit).data_hash} has a row of {size / 1e6:,.1f} MB; "
                f"at most {_LONGEST / 1e6:,.1f} MB can be typed",
                hint="nothing was published; shorten its client metadata on the server, and run the sync again",
            )
    return page


def _opened(page: Page) -> dict[str, LabelRow]:
    """Return the label rows that have labels, by name; a unit that nobody opened has no label hash."""
    return {row.label_hash: row for row in label_hashes(page) if row.label_hash}


def _edited(text: str | None) -> float:
    """Return when a row was edited, seconds since 1970; what cannot be read was edited just now."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):  # both forms of the protocol, §6.2
        try:
            return read(text or "").replace(tzinfo=UTC).timestamp()
        except ValueError:
            continue
    return float("inf")


def _complete(
    wanted: Sequence[str],
    page: Page,
    read: Callable[[Sequence[str]], Page],
    name: Callable[[Page], list[str]],
) -> tuple[list[Page], set[str], bool]:
    """Ask once more for what a page left out; return the pages, what is still missing, and whether all is once."""
    got = name(page)
    missing = set(wanted) - set(got)
    clean = len(got) == len(wanted) - len(missing)
    if not missing:
        return [page], missing, clean
    again = read(sorted(missing))
    found = name(again)
    return [page, again], missing - set(found), clean and len(found) == len(set(found) & missing)


def in_order(
    read: Callable[[Sequence[str]], Page], batches: Iterable[Sequence[str]], connections: int
) -> Iterator[Page]:
    """Read batches with several requests in flight, and give the pages in the batches' order."""
    todo = iter(batches)
    pool = ThreadPoolExecutor(connections, thread_name_prefix="metaquery-read")
    try:
        flying: list[Future[Page]] = [pool.submit(read, batch) for batch in islice(todo, 2 * connections)]
        while flying:
            page = _landed(flying.pop(0))
            flying.extend(pool.submit(read, batch) for batch in islice(todo, 1))
            yield page
    finally:
        # After an error or Ctrl-C nobody waits for answers that are still on their way.
        pool.shutdown(wait=False, cancel_futures=True)


def _landed(flying: Future[Page]) -> Page:
    """Wait for a page, and look up now and then: a Ctrl-C just before a wait begins does not end it.

    Raises
    ------
    EngineError
        Who has asked for the sync has stopped it.
    """
    while not wait((flying,), _LOOK_S).done:
        heed()
    return flying.result()


def found_project(client: EncordClient, name: str) -> tuple[str, str]:
    """Return hash and title of a project, by either.

    Raises
    ------
    NotFound, SyncError
        There is none, or several are called so.
    """
    (found,) = _chosen("project", [(p.project_hash, p.title) for p in client.projects()], (name,))
    return found


def _chosen(what: str, known: Sequence[tuple[str, str]], wanted: Sequence[str]) -> list[tuple[str, str]]:
    """Return (hash, title) of what the user named by title or hash; all of them where nothing was named."""
    if not wanted:
        return list(known)
    chosen: dict[str, str] = {}
    for name in wanted:
        hits = [entry for entry in known if name in entry] or [
            entry for entry in known if entry[1].casefold() == name.casefold()
        ]
        if len(hits) > 1:
            raise SyncError(
                f"{len(hits)} {what}s are called {name!r}",
                hint=f"name it by hash: {', '.join(h for h, _ in hits)}",
            )
        if not hits:
            meant = similar(name, [title for _, title in known])
            listed = ", ".join(repr(title) for _, title in known[:10]) or "none that this key can see"
            hint = f"did you mean {meant[0]!r}?" if meant else f"there are: {listed}"
            raise NotFound(f"there is no {what} {name!r}", hint=hint)
        chosen |= dict(hits)
    return list(chosen.items())
