"""`History`: the snapshots of a workspace that are kept, and what can be done with them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from metaquery.collection import Collections
from metaquery.errors import NoSnapshot, StoreError
from metaquery.store.descriptions import Unreadable, kept
from metaquery.store.history import Entry, entries
from metaquery.store.pins import Pin
from metaquery.store.snapshot import Snapshot, published_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from metaquery.settings import Settings
    from metaquery.store.layout import Layout
    from metaquery.store.prune import PruneReport
    from metaquery.store.verify import Check

__all__ = ["History"]


class History:
    """The snapshots of a workspace.

    Parameters
    ----------
    layout
        Where they lie.
    settings
        Threads and memory.

    Examples
    --------
    >>> [entry.current for entry in ws.history.log(limit=1)]
    [True]
    """

    def __init__(self, layout: Layout, settings: Settings) -> None:
        self._layout = layout
        self._settings = settings

    def log(self, limit: int | None = None) -> list[Entry | Unreadable]:
        """Return what is known of each snapshot that is kept, newest first; at most `limit` of them.

        One that cannot be read is among them, with the reason.

        Raises
        ------
        NoSnapshot
            Nothing was synced yet.

        Examples
        --------
        >>> newest, *earlier = ws.history.log()
        >>> newest.snapshot.counts.data
        5
        """
        if not self._layout.current.exists():
            Snapshot.current(self._layout)
        return entries(self._layout, limit)

    def before(self, snapshot: Snapshot) -> str:
        """Return the id of the snapshot that was published before another.

        Raises
        ------
        NoSnapshot
            None is kept.

        Examples
        --------
        >>> from metaquery.errors import NoSnapshot
        >>> try:
        ...     ws.history.before(ws.snapshot())
        ... except NoSnapshot as error:
        ...     print(error.hint)
        metaquery log shows what is kept
        """
        earlier = [name for name in published_ids(self._layout) if name < snapshot.id]
        if not earlier:
            raise NoSnapshot(f"no snapshot before {snapshot.id} is kept", hint="metaquery log shows what is kept")
        return earlier[-1]

    def verify(self, *, everything: bool = False) -> Iterator[tuple[str, Check]]:
        """Check the newest snapshot against its description and the raw layer, or each one; nothing is written.

        Every description is read in any case, as one that is damaged keeps raw pages from being cleared away.

        Parameters
        ----------
        everything
            Whether every snapshot that is kept is checked.

        Yields
        ------
        tuple of str and Check
            The id of a snapshot, and what was checked of it; empty for what is of no snapshot.

        Raises
        ------
        NoSnapshot
            Nothing was synced yet.

        Examples
        --------
        >>> all(check.wrong is None for _, check in ws.history.verify())
        True
        """
        from metaquery.kept import workspace_checks  # with it comes the filter language
        from metaquery.store.verify import unreadable, verify  # with it comes duckdb

        ids = published_ids(self._layout)[::-1]
        if not ids:
            Snapshot.current(self._layout)
        for name in ids if everything else ids[:1]:
            try:
                pin = Pin(self._layout, name)
            except NoSnapshot:  # pruned meanwhile: it is none of those that are kept
                continue
            try:
                snapshot = Snapshot.load(self._layout, name)  # no prune changes now what it was made from
            except StoreError as error:
                yield name, unreadable(Unreadable(name, error.message, error.hint))
            else:
                for check in verify(self._layout, snapshot):
                    yield name, check
            finally:
                pin.release()
        for found in kept(self._layout, () if everything else ids[1:]):
            if isinstance(found, Unreadable):
                yield found.id, unreadable(found)
        for check in workspace_checks(self._layout):
            yield "", check

    def prune(
        self,
        keep: str | int,
        *,
        dry_run: bool = False,
        wait_s: float = 0.0,
        stage: Callable[[str], None] = lambda _: None,
    ) -> PruneReport:
        """Drop earlier snapshots, and compact the raw pages to what can still be asked for.

        The current snapshot is spared, and so is one that somebody has open, in this process or another, or that a
        Collection was made from.

        Parameters
        ----------
        keep
            How many of the newest snapshots; or a span such as `30d` (`min h d w mo y`) or a day or time, ISO 8601,
            UTC unless it says otherwise: every snapshot that was current at some time since.
        dry_run
            Whether nothing is done, and the report says what would be.
        wait_s, stage
            As for `Workspace.sync`.

        Raises
        ------
        UsageError
            `keep` is none of these, or would keep nothing.
        NoSnapshot
            Nothing was synced yet.
        WorkspaceLocked
            Another process is writing.

        Examples
        --------
        >>> ws.history.prune(keep=1, dry_run=True).dropped
        ()
        """
        from metaquery.store.keep import Keep
        from metaquery.store.prune import plan, prune  # with it comes duckdb

        rule = Keep.read(str(keep), datetime.now(UTC))
        if dry_run:
            return plan(self._layout, rule, self._named)
        threads, memory_mb = self._settings.threads, self._settings.memory_mb
        return prune(self._layout, rule, self._named, threads=threads, memory_mb=memory_mb, wait_s=wait_s, stage=stage)

    def _named(self) -> dict[str, str]:
        """Return the title of a Collection by the id of the snapshot that it was made from."""
        return {c.provenance.snapshot: c.title for c in Collections(self._layout).all()}
