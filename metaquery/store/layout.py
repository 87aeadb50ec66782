"""`Layout`: where every file of a workspace lies.

::

    <workspace>/.metaquery/
        connection.json                     domain, key's path, its fingerprint
        schema.json                         the organisation's schema as last seen
        schemas.jsonl                       every schema that it was seen to have
        CURRENT                             id of the published snapshot
        lock                                held by the one writer
        .incoming/                          rows of files on their way into the spool
        spool/<part>/<generation>/          raw pages as they came, and checkpoint.json
        snapshots/<id>.duckdb, <id>.json    an immutable snapshot, and its description
        collections/                        Collections and their members: `metaquery.collection.shelf`
        filters/<relation>/<name>.filter    saved filters, as text
        filters/.change.json                a change of several, written down before it is made
        edits.lock                          held by the one who applies an edit of client metadata
        journal/edit-<id>-<host>.jsonl      such an edit, with the documents before it
        journal/push-<id>-<host>.jsonl      what pushes of a Collection meant to do and have done
        journal/push-….members.json         the members that one of them set out to add and to remove
"""

from __future__ import annotations

from pathlib import Path

from metaquery.errors import StoreError
from metaquery.frozen import dataclass

__all__ = ["Layout"]

_FOLDER = ".metaquery"

_NEVER = "?\\"
"""Characters of a path that DuckDB takes for the beginning of parameters, and for a slash."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths of one workspace.

    Attributes
    ----------
    root
        The workspace's directory, absolute; holds `.metaquery`.
    """

    root: Path

    @classmethod
    def find(cls, start: Path) -> Layout | None:
        """Return the layout of `start` or of the nearest directory above that has a workspace."""
        start = start.absolute()
        for directory in (start, *start.parents):
            if (directory / _FOLDER).is_dir():
                return cls(directory)
        return None

    @classmethod
    def of(cls, directory: Path | None) -> Layout:
        """Return the layout of a directory; of None, of the nearest from here upwards that has one, else of this one.

        Raises
        ------
        StoreError
            The directory does not exist, or has a name that DuckDB does not read as such.
        """
        found = cls(directory.absolute()) if directory else cls.find(Path.cwd()) or cls(Path.cwd())
        if not found.root.is_dir():
            raise StoreError(f"there is no directory {found.root}", hint="make it first, or name another")
        wrong = next((char for char in _NEVER if char in str(found.root)), None)
        if wrong is not None:
            raise StoreError(
                f"DuckDB opens no file below {found.root}, as {wrong!r} stands for something else there",
                hint="rename that folder, or take another",
            )
        return found

    @property
    def home(self) -> Path:
        """The folder that metaquery writes to."""
        return self.root / _FOLDER

    @property
    def connection(self) -> Path:
        """Domain and key's path."""
        return self.home / "connection.json"

    @property
    def schema(self) -> Path:
        """The organisation's metadata schema as last set or seen."""
        return self.home / "schema.json"

    @property
    def schemas(self) -> Path:
        """Every metadata schema that was set or seen."""
        return self.home / "schemas.jsonl"

    @property
    def current(self) -> Path:
        """The pointer to the published snapshot."""
        return self.home / "CURRENT"

    @property
    def lock(self) -> Path:
        """Held by the one writer."""
        return self.home / "lock"

    @property
    def incoming(self) -> Path:
        """Rows of files on their way into the spool; gone when a sync ends."""
        return self.home / ".incoming"

    @property
    def spool(self) -> Path:
        """Raw pages."""
        return self.home / "spool"

    @property
    def snapshots(self) -> Path:
        """Immutable snapshots."""
        return self.home / "snapshots"

    @property
    def rebuilding(self) -> Path:
        """Held by who makes the file of an earlier snapshot again, or takes away what it is made from."""
        return self.snapshots / ".rebuilding"

    @property
    def collections(self) -> Path:
        """Collections and their members."""
        return self.home / "collections"

    @property
    def filters(self) -> Path:
        """Saved filters."""
        return self.home / "filters"

    @property
    def journal(self) -> Path:
        """Journals of pushes."""
        return self.home / "journal"
