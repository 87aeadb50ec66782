"""`Changing`: what can be done to a Collection that is there."""

from __future__ import annotations

import getpass
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from metaquery.collection.files import temporary
from metaquery.collection.graph import refuse_cycles, users_of
from metaquery.collection.held import Held, found_in, normal
from metaquery.collection.record import Change
from metaquery.collection.titles import checked_description, checked_title
from metaquery.errors import CollectionError
from metaquery.schema import RELATIONS
from metaquery.store.pages import PARQUET, quoted
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from metaquery.collection.ids import Ids
    from metaquery.collection.record import Collection
    from metaquery.collection.selection import Selection

__all__ = ["Changing", "change", "drop", "refuse_taken"]


class Changing(Held):
    """Changes of members, titles and descriptions, each whole or not at all; parameters as `Collections`."""

    def add(self, title: str, selection: Selection) -> Collection:
        """Add members to a Collection that is not live; `changes[-1].members` says how many were new.

        Raises
        ------
        CollectionError
            It is live, or the selection is of another relation.

        Examples
        --------
        >>> fast = ws.data.filter("speed > 50").collect("Fast", replacing=True)
        >>> ws.collections.add("Fast", ws.data.filter("speed = 50").selection()).data_hashes()
        ['u2', 'u3', 'u4']
        """
        return self._combined(title, selection.relation, "added", selection.words, selection.write)

    def remove(self, title: str, selection: Selection) -> Collection:
        """Remove members from a Collection that is not live; errors as `add`.

        Examples
        --------
        >>> fast = ws.data.filter("speed > 50").collect("Fast", replacing=True)
        >>> ws.collections.remove("Fast", ws.data.filter("dark").selection()).data_hashes()
        ['u4']
        """
        return self._combined(title, selection.relation, "removed", selection.words, selection.write)

    def remove_ids(self, title: str, ids: Ids, *, skip_unknown: bool = False) -> Collection:
        """Remove the members that ids name, whether or not the snapshot has them still.

        Raises
        ------
        CollectionError
            It is live, or some are not members.

        Examples
        --------
        >>> from metaquery.collection.ids import read_ids
        >>> fast = ws.data.filter("speed > 50").collect("Fast", replacing=True)
        >>> ws.collections.remove_ids("Fast", read_ids(["u3"], ws.data.relation)).data_hashes()
        ['u4']
        """
        found, here = static(self.get(title)), self.newest
        relation = RELATIONS[found.relation]

        def write(path: Path) -> int:
            members = [str(static(self.get(title)).path)]
            return here.write_named(ids, relation, PARQUET, members, path, skip_unknown=skip_unknown)

        words = f"{len(ids.rows):,} id{'' if len(ids.rows) == 1 else 's'}"
        return self._combined(title, found.relation, "removed", words, write, of_members=True)

    def _combined(
        self,
        title: str,
        relation: str,
        what: str,
        words: str,
        write: Callable[[Path], int],
        *,
        of_members: bool = False,
    ) -> Collection:
        """Write the members anew, as a set operation of the old ones and those that `write` writes.

        Where it reads the old ones itself, it does so while nobody can replace their file.
        """
        found, here = static(self.get(title)), self.newest
        if found.relation != relation:
            raise CollectionError(
                f"{found.title!r} holds {found.relation}, and these are {relation}", hint=f"give --on {found.relation}"
            )
        operation = "UNION" if what == "added" else "EXCEPT"
        keys = ", ".join(map(quoted, RELATIONS[relation].key))
        statement = f"SELECT {keys} FROM {PARQUET} {operation} SELECT {keys} FROM {PARQUET}"
        folder = self._shelf.folder
        with temporary(folder) as given, temporary(folder) as beside:
            if not of_members:
                write(given)
            with self._shelf.changing() as records:
                if of_members:
                    write(given)
                old = static(found_in(found.id, records))
                members = here.engine.write_parquet(statement, [str(old.path), str(given)], beside)
                made = change(what, abs(members - old.members), words, here.snapshot.id)
                new = replace(old, members=members, path=self._shelf.keep(beside, old.id), changes=(*old.changes, made))
                self._shelf.put(new)
                drop(old)
        return new

    def rename(self, title: str, new: str) -> Collection:
        """Give a Collection another title; live Collections that are made of it find it under that one.

        Raises
        ------
        CollectionError
            The new title is taken.

        Examples
        --------
        >>> made = ws.data.filter("dark").collect("Old", replacing=True)
        >>> ws.collections.rename("Old", "New").title
        'New'
        >>> gone = ws.collections.delete("New")
        """
        new = checked_title(new)
        with self._shelf.changing() as records:
            old = found_in(title, records)
            if old.title == new:
                return old
            refuse_taken(new, records)
            renamed = replace(old, title=new, changes=(*old.changes, change("renamed", words=old.title)))
            refuse_cycles([renamed, *(c for c in records if c is not old)])
            return self._shelf.put(renamed)

    def describe(self, title: str, description: str) -> Collection:
        """Give a Collection another description.

        Examples
        --------
        >>> fast = ws.data.filter("speed > 50").collect("Fast", replacing=True)
        >>> ws.collections.describe("Fast", "faster than 50").description
        'faster than 50'
        """
        description = checked_description(description)
        with self._shelf.changing() as records:
            old = found_in(title, records)
            return self._shelf.put(replace(old, description=description, changes=(*old.changes, change("described"))))

    def freeze(self, title: str) -> Collection:
        """Make a live Collection static, with the members that it has now.

        Raises
        ------
        CollectionError
            It is not live, or its filter does not fit the snapshot.

        Examples
        --------
        >>> made = ws.data.filter("dark").collect("Dark", live=True, replacing=True)
        >>> ws.collections.freeze("Dark").kind
        'static'
        """
        found, here = self.get(title), self.newest
        if not found.live:
            raise CollectionError(f"{found.title!r} is not live: its members do not change")
        with temporary(self._shelf.folder) as beside:
            held = here.evaluated(found)
            shutil.copyfile(held.path, beside)
            with self._shelf.changing() as records:
                old = found_in(found.id, records)
                if old.definition != found.definition or not old.live:
                    raise CollectionError(f"{found.title!r} was changed meanwhile", hint="run the command again")
                made = change("frozen", held.members, snapshot=here.snapshot.id)
                path = self._shelf.keep(beside, old.id)
                return self._shelf.put(
                    replace(old, kind="static", members=held.members, path=path, changes=(*old.changes, made))
                )

    def delete(self, title: str) -> Collection:
        """Delete a Collection, and with it the tag on its members; `restore` brings it back for 30 days.

        Raises
        ------
        CollectionError
            Live Collections are made of it.

        Examples
        --------
        >>> made = ws.data.filter("dark").collect("Old", replacing=True)
        >>> ws.collections.delete("Old").title
        'Old'
        """
        with self._shelf.changing() as records:
            old = found_in(title, records)
            by = users_of(old, records)
            if by:
                raise CollectionError(
                    f"{old.title!r} is part of {len(by)} live Collection{'' if len(by) == 1 else 's'}: "
                    + ", ".join(map(repr, by[:5])),
                    hint="delete or freeze them first: metaquery collection freeze TITLE",
                )
            self._shelf.withdraw(replace(old, changes=(*old.changes, change("deleted", old.members))))
            return old

    def restore(self, title: str, *, new: str | None = None) -> Collection:
        """Bring back what was deleted last under a title.

        Parameters
        ----------
        title
            The title, or the id.
        new
            Another title, where that one is taken.

        Raises
        ------
        CollectionError
            Nothing of this title was deleted, or the title is taken.

        Examples
        --------
        >>> made = ws.data.filter("dark").collect("Old", replacing=True)
        >>> gone = ws.collections.delete("Old")
        >>> ws.collections.restore("Old").members
        2
        """
        with self._shelf.changing() as records:
            gone = self._shelf.deleted()
            found = next((c for c in reversed(gone) if normal(title) in {c.title, c.id}), None)
            if found is None:
                meant = similar(normal(title), [c.title for c in gone])
                hint = (
                    f"did you mean {meant[0]!r}?"
                    if meant
                    else "metaquery collection list --deleted shows what there is"
                )
                raise CollectionError(f"no Collection {title!r} was deleted in the last 30 days", hint=hint)
            found = replace(
                found, title=checked_title(new or found.title), changes=(*found.changes, change("restored"))
            )
            if any(c.title == found.title for c in records):
                raise CollectionError(
                    f"the title {found.title!r} is taken by now",
                    hint="restore it under another: metaquery collection restore TITLE --as OTHER",
                )
            refuse_cycles([found, *records])
            return self._shelf.bring_back(found)


def refuse_taken(title: str, records: Sequence[Collection]) -> None:
    """Refuse a title that something has."""
    taken = next((c for c in records if c.title == title), None)
    if taken is None:
        return
    what = "tag" if taken.kind == "tag" else "live Collection" if taken.live else "Collection"
    rows = f"{taken.members:,} {RELATIONS[taken.relation].singular}{'' if taken.members == 1 else 's'}"
    held = "" if taken.live else f", of {rows}"
    raise CollectionError(
        f"there is a {what} {title!r} already{held}", hint="choose another title, or give --replace to replace it"
    )


def static(collection: Collection) -> Collection:
    if collection.live:
        raise CollectionError(
            f"{collection.title!r} is live: its members follow its {form(collection)}",
            hint="make it anew with --replace, or freeze it first: metaquery collection freeze TITLE",
        )
    return collection


def form(collection: Collection) -> str:
    return "filter" if collection.definition is None else collection.definition.form


def change(what: str, members: int = 0, words: str | None = None, snapshot: str | None = None) -> Change:
    """Return a change that is made now."""
    return Change(what, datetime.now(UTC), getpass.getuser(), members, words, snapshot)


def drop(old: Collection | None) -> None:
    """Remove the members that no record names any more; who is reading them looks again."""
    if old is not None and not old.live:
        old.path.unlink(missing_ok=True)
