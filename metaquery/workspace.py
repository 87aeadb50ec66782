"""`Workspace`: the front door. Owns one directory and wires the parts together; no logic of its own.

What is on this machine is in `Local`; what comes from a server and goes there is here.
"""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from metaquery.local import Local
from metaquery.schema import MetadataSchema
from metaquery.settings import Settings
from metaquery.store.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager
    from datetime import datetime

    from metaquery.active import Active
    from metaquery.collection import Collection
    from metaquery.connections import Connection
    from metaquery.delivery import Delivery
    from metaquery.edits import Metadata
    from metaquery.organisation_schema import OrganisationSchema
    from metaquery.pictures import Pictures
    from metaquery.push import Options, Pushes, PushReport
    from metaquery.sources.files import FileReport
    from metaquery.sync import Run, SyncReport
    from metaquery.wire import EncordClient

__all__ = ["Workspace", "open_workspace"]


def open_workspace(
    path: str | Path | None = None,
    *,
    time_zone: str = "UTC",
    now: datetime | None = None,
    waiting: Callable[[str], AbstractContextManager[object]] = nullcontext,
    **settings: Any,
) -> Workspace:
    """Open a workspace, the only object that a newcomer needs.

    Parameters
    ----------
    path
        Its directory; need not have been used before. None takes the nearest directory from here upwards that
        has a workspace, else the current one.
    time_zone
        Zone of dates and times without one in filters, an IANA name.
    now
        What `now()` is in every filter, for runs that can be repeated; None asks the clock, once a query.
    waiting
        Called with words before a query has to wait for something other than the engine; entered meanwhile.
    **settings
        What is set, by name: `threads=2`, `page_rows=500`.

    Raises
    ------
    StoreError
        The directory does not exist.
    SettingsError
        A setting cannot be used.

    Examples
    --------
    >>> ws = metaquery.open(".", threads=1)
    >>> ws.settings.threads
    1
    """
    read = Settings.read(**settings, workspace=Path(path).expanduser() if path else None)
    return Workspace(Layout.of(read.workspace), settings=read, time_zone=time_zone, now=now, waiting=waiting)


class Workspace(Local):
    """One directory: a connection, snapshots, Collections; what `metaquery.open` returns.

    Parameters
    ----------
    layout
        Where its files lie.
    settings
        What was set from outside.
    time_zone, now, waiting
        As for `metaquery.open`.

    Examples
    --------
    >>> ws.sync(projects=["Street scenes Europe"]).snapshot.counts.data
    60
    >>> ws.data.filter("dark and speed > 80").count()
    4
    """

    # The server

    @property
    def connection(self) -> Connection | None:
        """The remembered connection.

        Examples
        --------
        >>> ws.connection.domain.startswith("http://127.0.0.1:")
        True
        """
        return self.server.current

    def connect(self, domain: str, *, key_file: str | Path | None = None) -> Connection:
        """Check a key against the server, and remember the connection; as `Connections.connect`.

        Examples
        --------
        >>> known = ws.connection
        >>> ws.connect(known.domain, key_file=known.key_file).fingerprint == known.fingerprint
        True
        """
        return self.server.connect(domain, key_file=key_file)

    def client(self) -> EncordClient:
        """Return a client of the remembered connection; as `Connections.client`.

        Examples
        --------
        >>> with ws.client() as client:
        ...     [project.title for project in client.projects()]
        ['Street scenes Europe', 'Street scenes Nordics']
        """
        return self.server.client()

    @property
    def schema(self) -> OrganisationSchema:
        """The organisation's metadata schema, there and as last seen here.

        Examples
        --------
        >>> ws.schema.known.options["dark"]
        {'ty': 'variant', 'hint': 'boolean'}
        """
        from metaquery.organisation_schema import OrganisationSchema  # a query knows its snapshot's

        return OrganisationSchema(self.server, self._pinning.newest)

    @property
    def metadata(self) -> Metadata:
        """Client metadata: listed as it is kept, and edited on the server.

        Examples
        --------
        >>> [unit.index for unit in ws.metadata.list("Street scenes north")][:3]
        [0, 1, 2]
        """
        from metaquery.edits import Metadata  # a query edits nothing

        return Metadata(self.server, lambda: self.data, lambda: self.schema.known)

    @property
    def pictures(self) -> Pictures:
        """What data units look like, asked of the server one by one; close it when no more are wanted.

        Examples
        --------
        >>> pictures = ws.pictures
        >>> pictures.of(ws.data.limit(1).ids()[0]).media_type
        'image/svg+xml'
        >>> pictures.close()
        """
        from metaquery.pictures import Pictures  # who looks at none need not pay

        return Pictures(self.client, self.storage_item)

    # The two directions

    def sync(
        self,
        *,
        projects: Iterable[str] = (),
        datasets: Iterable[str] = (),
        **run: Unpack[Run],
    ) -> SyncReport:
        """Import projects or datasets, by title or hash; everything where none is named.

        Parameters
        ----------
        projects, datasets
            Titles or hashes.
        **run
            `full` reads everything again; `wait_s` is how many seconds to wait for another process that is writing;
            `progress` is called with a part, its rows that are durable, and the rows expected; `stage` with what is
            being done, in words, when it changes.

        Raises
        ------
        SyncError
            Units are unaccounted for; nothing was published.
        WorkspaceLocked
            Another process is syncing.

        Examples
        --------
        >>> report = ws.sync(projects=["Street scenes Europe"])
        >>> report.snapshot.counts.data, report.changes.added
        (60, 0)
        """
        from metaquery.sources import Scope
        from metaquery.sources.encord import EncordSource  # with it comes httpx
        from metaquery.sync import sync

        self.layout.home.mkdir(parents=True, exist_ok=True)
        with self.client() as client:
            held = client.metadata_schema()
            self.schema.remember(held, at="sync")
            return sync(
                EncordSource(client, page_rows=self.settings.page_rows, connections=self.settings.connections),
                Scope(tuple(projects), tuple(datasets)),
                self.layout,
                metadata_schema=MetadataSchema.from_json(held) if held is not None else None,
                settings=self.settings,
                **run,
            )

    def rematerialise(self, *, wait_s: float = 0.0, stage: Callable[[str], None] = lambda _: None) -> SyncReport:
        """Type what was synced anew, by the metadata schema as last set or seen here; needs no server.

        Parameters
        ----------
        wait_s, stage
            As for `sync`.

        Raises
        ------
        NoSnapshot
            Nothing was synced yet.

        Examples
        --------
        >>> ws.rematerialise().snapshot.counts.data
        60
        """
        from metaquery.sync import rematerialise  # typing is not what a query needs

        schema, settings = self.schema.known, self.settings
        return rematerialise(self.layout, schema, settings=settings, wait_s=wait_s, stage=stage)

    def sync_files(
        self,
        *,
        units: str | Path | None = None,
        labels: str | Path | None = None,
        predictions: str | Path | None = None,
        schema: Any = None,
        **run: Unpack[Run],
    ) -> tuple[SyncReport, list[FileReport]]:
        r"""Import files: NDJSON, CSV or Parquet by the end of the name; needs no server.

        Parameters
        ----------
        units, labels, predictions
            Paths; `-` is standard input. What other files or a server brought stays.
        schema
            A metadata schema, decoded JSON, which is kept; None types by the one that is known.
        **run
            `full`, `wait_s`, `progress` and `stage`, as for `sync`.

        Returns
        -------
        SyncReport, list of FileReport
            What was done, and what became of each file's rows.

        Raises
        ------
        SyncError
            A file cannot be read, or has no row that can be taken; nothing was published.

        Examples
        --------
        >>> small = metaquery.open("from-files")
        >>> rows = small.layout.root / "units.csv"
        >>> rows.write_text("data_hash,city,speed\nu1,Oslo,80\nu2,Paris,fast\n")
        46
        >>> report, (file,) = small.sync_files(units=rows, schema={"city": "string", "speed": "number"})
        >>> report.snapshot.counts.data, file.rejected, small.data.filter("speed is invalid").ids()
        (2, 0, ['u2'])
        """
        from metaquery.sync import sync_files

        given = {"units": units, "labels": labels, "predictions": predictions}
        return sync_files(
            {what: str(name) for what, name in given.items() if name is not None},
            self.layout,
            MetadataSchema.from_json(schema) if schema is not None else None,
            settings=self.settings,
            **run,
        )

    @property
    def active(self) -> Active:
        """What Active is asked for: to read a project anew.

        Examples
        --------
        >>> ws.active.sync("Street scenes Europe")
        'Street scenes Europe'
        """
        from metaquery.active import Active  # with it comes httpx

        return Active(self.server)

    @property
    def pushes(self) -> Pushes:
        """What is sent to the server: plans, pushes, their log, and how they are undone.

        Examples
        --------
        >>> night = ws.data.filter("dark").collect("Night", replacing=True)
        >>> ws.pushes.plan("Night").targets[0].named
        "the Collection 'Night' in the folder 'Street scenes'"
        """
        from metaquery.push import Pushes  # with it comes httpx

        return Pushes(self.server, self.collections, self._pinning.newest)

    def push(
        self,
        collection: Collection | str,
        *,
        progress: Callable[[int, int], None] = lambda *_: None,
        **destination: Unpack[Options],
    ) -> PushReport:
        """Send a Collection to Encord; a second time changes nothing.

        Parameters
        ----------
        collection, **destination
            As in `Pushes.plan`.
        progress
            Called with members settled and members in all.

        Raises
        ------
        PushError
            As `Pushes.plan`. Members that were not taken are no error: they are in the report, each with its reason.

        Examples
        --------
        >>> night = ws.data.filter("dark").collect("Night", replacing=True)
        >>> ws.push(night).failed, ws.push(night).already
        (0, 24)
        """
        return self.pushes.apply(self.pushes.plan(collection, **destination), progress=progress)

    def delivery(self, collection: Collection) -> Delivery | None:
        """Return what has become of a Collection on the connected server; None where none is connected.

        Examples
        --------
        >>> night = ws.data.filter("dark").collect("Night", replacing=True)
        >>> report = ws.push(night)
        >>> ws.delivery(night).state
        'sent'
        """
        from metaquery.delivery import delivery  # asked by who lists Collections
        from metaquery.store.journal import Journal

        held = self.connection
        return delivery(Journal.of(self.layout, collection.id, held.domain)) if held else None
