"""`Source`: where data units and labels come from; fills the spool of one part after another.

`EncordSource` reads the way `encord-wire-protocol.md` §10.7 advises: first the index of a dataset's rows, without
metadata, then the rows in batches by data hash, several requests in flight, each page durable before the next is
counted. What the index announced and the pages did not bring is asked for again, and never passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import msgspec

from metaquery.errors import NotFound, SyncError
from metaquery.store.spool import Part, Spool
from metaquery.suggestions import similar
from metaquery.wire import EncordClient, Page, label_hashes

__all__ = ["EncordSource", "Progress", "Scope", "Source"]

Progress = Callable[[Part, int, int], None]
"""Called with the part, the rows that are durable, and the rows expected."""

_LABELS_A_REQUEST = 500


@dataclass(frozen=True, slots=True)
class Scope:
    """What to sync; titles or hashes. Nothing named means everything.

    Attributes
    ----------
    projects
        Projects, with their datasets and labels.
    datasets
        Datasets on their own.
    """

    projects: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()

    @property
    def everything(self) -> bool:
        """Whether nothing was named."""
        return not self.projects and not self.datasets


class Source(Protocol):
    """Anything that can fill spools."""

    @property
    def domain(self) -> str:
        """What the snapshot says it came from."""

    def plan(self, scope: Scope) -> tuple[Part, ...]:
        """Return the parts that the scope covers, datasets first."""

    def fill(self, part: Part, spool: Spool, progress: Progress) -> None:
        """Read the part from the spool's checkpoint to its end."""


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

    def fill(self, part: Part, spool: Spool, progress: Progress) -> None:
        """Read the part to its end.

        Raises
        ------
        SyncError
            The server lists rows that it does not give.
        """
        if part.kind == "units":
            self._fill_units(part, spool, progress)
        else:
            self._fill_labels(part, spool, progress)
        spool.advance(complete=True)

    def _fill_units(self, part: Part, spool: Spool, progress: Progress) -> None:
        if not spool.checkpoint.pages.get("index"):
            listed = list(dict.fromkeys(self._client.row_index(part.hash)))
            index = [_Position(data_hash, place) for place, data_hash in enumerate(listed)]
            spool.append("index", msgspec.json.encode(index), expected=len(listed))
        else:
            listed = [p.data_hash for p in _decoded(spool, "index", _Position)]
        self._fill(
            part,
            spool,
            listed,
            "rows",
            size=self._page_rows,
            read=lambda wanted: self._client.data_rows(part.hash, wanted),
            name=lambda page: [row.data_hash for row in msgspec.json.decode(page.body, type=list[_Unit])],
            relist=lambda: set(self._client.row_index(part.hash)),
            progress=progress,
        )

    def _fill_labels(self, part: Part, spool: Spool, progress: Progress) -> None:
        if not spool.checkpoint.pages.get("label_rows"):
            page = self._client.label_rows(part.hash)
            spool.append("label_rows", page.body, expected=len(_opened(page)))
        (file,) = spool.files("label_rows")
        listed = _opened(Page(file.read_bytes(), 0, None))
        self._fill(
            part,
            spool,
            listed,
            "labels",
            size=_LABELS_A_REQUEST,
            read=lambda wanted: self._client.labels(part.hash, wanted),
            name=lambda page: [row.label_hash for row in msgspec.json.decode(page.body, type=list[_Label])],
            relist=lambda: set(_opened(self._client.label_rows(part.hash))),
            progress=progress,
        )

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
        for wanted, page in zip(batches, _in_order(read, batches, self._connections), strict=True):
            pages, missing, clean = _complete(wanted, page, read, name)
            gone = missing - relist() if missing else set()
            if missing - gone:
                raise SyncError(
                    f"{part.title}: the server lists {len(missing - gone)} rows that it does not give, "
                    f"first {min(missing - gone)}",
                    hint="nothing was published; run the sync again",
                )
            at = spool.checkpoint
            spool.append(
                stream,
                *(extra.body for extra in pages),
                position=at.position + len(wanted),
                received=at.received + len(wanted) - len(gone),
                expected=at.expected - len(gone),
                duplicates=at.duplicates or not clean,
            )
            progress(part, spool.checkpoint.received, spool.checkpoint.expected)


class _Position(msgspec.Struct, gc=False):
    data_hash: str
    index: int


class _Unit(msgspec.Struct, gc=False):
    data_hash: str


class _Label(msgspec.Struct, gc=False):
    label_hash: str


def _decoded(spool: Spool, stream: str, of: type[_Position]) -> list[_Position]:
    return [row for file in spool.files(stream) for row in msgspec.json.decode(file.read_bytes(), type=list[of])]  # type: ignore[valid-type]  # a type known at run time


def _opened(page: Page) -> list[str]:
    """Return the label rows that have labels; a unit that nobody opened has no label hash."""
    return list(dict.fromkeys(row.label_hash for row in label_hashes(page) if row.label_hash))


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


def _in_order(
    read: Callable[[Sequence[str]], Page], batches: Iterable[Sequence[str]], connections: int
) -> Iterator[Page]:
    """Read batches with several requests in flight, and give the pages in the batches' order."""
    todo = iter(batches)
    pool = ThreadPoolExecutor(connections, thread_name_prefix="metaquery-read")
    try:
        flying: list[Future[Page]] = [pool.submit(read, batch) for batch in islice(todo, 2 * connections)]
        while flying:
            page = flying.pop(0).result()
            flying.extend(pool.submit(read, batch) for batch in islice(todo, 1))
            yield page
    finally:
        # After an error or Ctrl-C nobody waits for answers that are still on their way.
        pool.shutdown(wait=False, cancel_futures=True)


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
