"""`Collections`: those of one workspace, and its tags."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from metaquery.collection.changing import Changing, change, drop, refuse_taken
from metaquery.collection.files import temporary
from metaquery.collection.graph import refuse_cycles
from metaquery.collection.record import Collection, Kind, Provenance
from metaquery.collection.titles import checked_description, checked_title
from metaquery.errors import CollectionError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from metaquery.collection.comparison import Comparison, Drift
    from metaquery.collection.record import Definition
    from metaquery.collection.selection import Selection

__all__ = ["Collections"]


class Collections(Changing):
    """The Collections of one workspace, and its tags.

    Parameters
    ----------
    layout
        Of the workspace.
    home
        Returns the Collections as the newest snapshot has them; without it nothing can be evaluated.

    Examples
    --------
    >>> fast = ws.data.filter("speed > 50").collect("Fast", replacing=True)
    >>> ws.collections.get("Fast").data_hashes()
    ['u3', 'u4']
    """

    def diff(self, a: str, b: str) -> Comparison:
        """Compare two Collections by their titles; errors as `compared`.

        Examples
        --------
        >>> fast = ws.data.filter("speed > 50").collect("Fast", replacing=True)
        >>> dark = ws.data.filter("dark").collect("Dark", replacing=True)
        >>> ws.collections.diff("Fast", "Dark").both
        [('u3',)]
        """
        from metaquery.collection.comparison import compared  # with it comes the filter language

        return compared(self.get(a), self.get(b), self.newest)

    def drift(self, title: str) -> Drift:
        """Compare a Collection's members with what its filter tells in the newest snapshot; errors as `drifted`.

        Examples
        --------
        >>> fast = ws.data.filter("speed > 50").collect("Fast", replacing=True)
        >>> ws.collections.drift("Fast").still
        2
        """
        from metaquery.collection.comparison import drifted  # as for `diff`

        return drifted(self.get(title), self.newest)

    def make(
        self,
        title: str,
        selection: Selection,
        *,
        description: str = "",
        live: bool = False,
        replacing: bool = False,
        kind: Kind = "static",
    ) -> Collection:
        """Make a Collection of what a selection tells.

        Parameters
        ----------
        title, description
            As for `create`.
        selection
            From `Evaluation`, or a view's.
        live
            Whether the members follow its filter or algebra from now on, on whatever snapshot is asked; else they are
            frozen.
        replacing
            Whether what has the title may be replaced; it keeps its id, and its description where none is given.
        kind
            `tag` for a tag without a Collection.

        Raises
        ------
        CollectionError
            The title is taken; or the selection names the Collection itself, or has no filter that it could follow.

        Examples
        --------
        >>> ws.collections.make("Fast", ws.data.filter("speed > 50").selection(), replacing=True).members
        2
        """
        named = selection.named
        if live and selection.definition is None:
            raise CollectionError(
                f"{title!r} cannot be live: no filter tells its members", hint="give a filter, or leave --live out"
            )
        if live and named is not None and named.every_tag:
            raise CollectionError(
                f"{title!r} cannot be live: its filter asks for all tags of a unit, and its own would be one of them",
                hint="ask for tags by name: tags has any ('A', 'B')",
            )
        if named is not None and checked_title(title) in named.titles:
            raise CollectionError(
                f"{title!r} would be made of itself: {title!r} → {title!r}",
                hint="to change it in place: metaquery collection add, metaquery collection remove",
            )
        return self.create(
            title,
            description=description,
            relation=selection.relation,
            provenance=selection.provenance,
            write=selection.write,
            definition=selection.definition,
            kind="live" if live else kind,
            replacing=replacing,
        )

    def create(
        self,
        title: str,
        *,
        description: str,
        relation: str,
        provenance: Callable[[], Provenance],
        write: Callable[[Path], int],
        definition: Definition | None = None,
        kind: Kind = "static",
        replacing: bool = False,
    ) -> Collection:
        """Make a Collection.

        Parameters
        ----------
        title, description
            As the user wrote them; the title is normalised to NFC, and blanks around it go.
        relation
            What the members are rows of.
        provenance
            Called once the title is known to be free.
        write
            Called with a path; writes the members there as Parquet and returns how many there are.
        definition
            What tells the members, where a text does.
        kind
            Of which kind it is.
        replacing
            Whether what has the title may be replaced.

        Raises
        ------
        UsageError
            The title is empty or too long, or has characters that no text can have.
        CollectionError
            The title is taken, or it would be made of itself.
        WorkspaceLocked
            Another process is writing for longer than a few seconds.
        """
        title, description = checked_title(title), checked_description(description)
        if not replacing:
            refuse_taken(title, self.records())
        came = provenance()
        self._shelf.folder.mkdir(parents=True, exist_ok=True)
        with temporary(self._shelf.folder) as beside:
            members = write(beside)
            with self._shelf.changing() as records:
                old = next((c for c in records if c.title == title), None)
                if old is not None and not replacing:
                    refuse_taken(title, records)
                made = Collection(
                    id=str(uuid.uuid4()) if old is None else old.id,
                    title=title,
                    description=description or ("" if old is None else old.description),
                    relation=relation,
                    members=members,
                    created_at=datetime.now(UTC),
                    provenance=replace(came, matched=members),
                    path=beside,
                    kind=kind,
                    definition=definition,
                    changes=() if old is None else (*old.changes, change("replaced", old.members)),
                    home=self._home,
                )
                refuse_cycles([made, *(c for c in records if c is not old)])
                live = self._shelf.folder / f"{made.id}.parquet"  # the name that a record without a file is read with
                made = replace(made, path=live if made.live else self._shelf.keep(beside, made.id))
                self._shelf.put(made)
                drop(old)
        return made
