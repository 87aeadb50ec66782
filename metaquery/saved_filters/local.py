"""`LocalFilters`: the saved filters that a workspace has on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from metaquery.errors import NotFound, UsageError, shown
from metaquery.saved_filters.record import SavedFilter, checked_name, normal
from metaquery.saved_filters.shelf import Shelf
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from metaquery.saved_filters.files import Exported, Found
    from metaquery.saved_filters.importing import Bind, Imported
    from metaquery.saved_filters.record import Key
    from metaquery.saved_filters.renaming import Renamed
    from metaquery.store.layout import Layout
    from metaquery.wire import EncordClient

__all__ = ["LocalFilters"]


class LocalFilters:
    """The saved filters that a workspace has, and their files; parameters as `SavedFilters`."""

    def __init__(
        self, layout: Layout, bind: Bind | None = None, client: Callable[[], EncordClient] | None = None
    ) -> None:
        self._shelf = Shelf(layout.filters)
        self._bind = bind
        self._client = client

    def texts(self, relation: str) -> dict[str, str]:
        """Return the text of each filter on a relation, by name.

        Examples
        --------
        >>> saved = ws.filters.save("night", "data", "dark = true", replace=True)
        >>> ws.filters.texts("data")["night"]
        'dark = true'
        """
        return {f.name: f.text for f in self.all() if f.relation == relation}

    def all(self) -> list[SavedFilter]:
        """Return every saved filter, by relation and name.

        Examples
        --------
        >>> saved = ws.filters.save("night", "data", "dark = true", replace=True)
        >>> saved in ws.filters.all()
        True
        """
        return list(self._shelf.read().values())

    def get(self, name: str, relation: str) -> SavedFilter:
        """Return the filter of this name.

        Raises
        ------
        NotFound
            There is none; the nearest names are named.

        Examples
        --------
        >>> saved = ws.filters.save("night", "data", "dark = true", replace=True)
        >>> ws.filters.get("night", "data").text
        'dark = true'
        """
        return _found(name, relation, self._shelf.read())

    def save(self, name: str, relation: str, text: str, *, replace: bool = False) -> SavedFilter:
        """Save a filter under a name.

        Parameters
        ----------
        name
            Any text of up to 100 characters without control characters.
        relation
            What it selects rows of.
        text
            Canonical text.
        replace
            Whether another filter of this name may be replaced.

        Raises
        ------
        UsageError
            The name cannot be used, or is taken.

        Examples
        --------
        >>> ws.filters.save("cars", "labels", "class = 'car'", replace=True).reference
        '@cars'
        """
        made = SavedFilter(checked_name(name), relation, text)
        with self._shelf.changing() as held:
            if made.key in held and not replace:
                _refuse_taken(held[made.key], "give --replace")
            self._shelf.apply([made])
        return made

    def delete(self, name: str, relation: str) -> SavedFilter:
        """Remove a filter, and return what it was.

        Raises
        ------
        NotFound
            There is none.
        UsageError
            Others name it.

        Examples
        --------
        >>> saved = ws.filters.save("short-lived", "data", "dark", replace=True)
        >>> ws.filters.delete("short-lived", "data").text
        'dark'
        """
        from metaquery.saved_filters.references import users  # with it comes the language

        with self._shelf.changing() as held:
            found = _found(name, relation, held)
            naming = [saved for saved in users(found.key, held.values()) if saved is not found]
            if naming:
                message = f"{shown(found.reference)} is named by {_listed(naming)}"
                raise UsageError(message, hint="delete those first, or save them without it")
            self._shelf.apply([], [found])
        return found

    def rename(self, old: str, new: str, relation: str) -> Renamed:
        """Give a filter another name, also in every saved filter that names it.

        Collections hold the text of a saved filter written out, and are not concerned.

        Raises
        ------
        NotFound
            There is none of the old name.
        UsageError
            The new name cannot be used, or is taken; or a filter that cannot be read may name it.
        FilterError
            It would lead back to itself under its new name.

        Examples
        --------
        >>> saved = ws.filters.save("old", "data", "dark", replace=True)
        >>> ws.filters.rename("old", "new", "data").filter.reference
        '@new'
        >>> ws.filters.delete("new", "data").name
        'new'
        """
        from metaquery.saved_filters.renaming import Renamed, renaming  # as for `delete`

        name = checked_name(new)
        with self._shelf.changing() as held:
            found = _found(old, relation, held)
            if name == found.name:
                return Renamed(found, ())
            if (relation, name) in held:
                _refuse_taken(held[relation, name], "choose another name, or delete that one first")
            done = renaming(found, name, held)
            self._shelf.apply([done.filter, *done.rewritten], [found])
        return done

    def export(
        self, names: Iterable[str] = (), *, to: Path | str, relation: str | None = None, replace: bool = False
    ) -> Exported:
        """Write filters, and those that they name, to text files that `import_from` reads.

        Parameters
        ----------
        names
            Which; none for all.
        to
            A file for all of them, where the name has an ending; else a folder, with a file a filter.
        relation
            Only filters on this.
        replace
            Whether files may be replaced that say something else.

        Raises
        ------
        NotFound
            There is no filter of a name.
        UsageError
            A file is there that says something else, or none can be written there.

        Examples
        --------
        >>> saved = ws.filters.save("night", "data", "dark = true", replace=True)
        >>> from pathlib import Path
        >>> exported = ws.filters.export(["night"], to="night.filter", replace=True)
        >>> print(Path("night.filter").read_text(), end="")
        # metaquery filter, language 1, on data: @night
        dark = true
        """
        from metaquery.saved_filters.files import exported  # a query needs it not

        return exported(self.chosen(names, relation), Path(to), replace=replace)

    def chosen(self, names: Iterable[str] = (), relation: str | None = None) -> list[SavedFilter]:
        """Return the filters of some names, or all, and those that they name; parameters and errors as `export`.

        Examples
        --------
        >>> saved = ws.filters.save("night", "data", "dark = true", replace=True)
        >>> [each.name for each in ws.filters.chosen(["night"])]
        ['night']
        """
        from metaquery.saved_filters.references import with_named  # as for `delete`

        held = self._shelf.read()
        on = [relation] if relation else list(dict.fromkeys(r for r, _ in held)) or ["data"]
        wanted: list[SavedFilter] = []
        for name in map(normal, names):
            found = [held[r, name] for r in on if (r, name) in held]
            wanted += found or [_found(name, on[0], held)]
        return with_named(wanted or [saved for saved in held.values() if saved.relation in on], held)

    def import_from(
        self, place: Path | str, *, relation: str = "data", replace: bool = False, dry_run: bool = False
    ) -> Imported:
        """Save the filters of a folder or a file, all or none.

        Each is checked, with those that it names: its syntax, and its fields and types against the newest snapshot,
        where there is one.

        Parameters
        ----------
        place
            A folder, with all `.filter` files in it and below; a file, of one filter or many; `-` for standard input.
        relation
            What filters are on that do not say it.
        replace
            Whether filters may be replaced that are saved under the same name.
        dry_run
            Whether to change nothing.

        Raises
        ------
        UsageError
            Some cannot be imported; all of these are named, each with the reason and where in the file it is.

        Examples
        --------
        >>> saved = ws.filters.save("night", "data", "dark = true", replace=True)
        >>> exported = ws.filters.export(["night"], to="shared.filter", replace=True)
        >>> ws.filters.import_from("shared.filter").unchanged == (saved,)
        True
        """
        from metaquery.saved_filters.files import found_in  # as for `export`

        return self.take(found_in(place, relation), replace=replace, dry_run=dry_run)

    def take(self, found: Sequence[Found], *, replace: bool = False, dry_run: bool = False) -> Imported:
        """Save filters that were read elsewhere, all or none; parameters and errors as `import_from`."""
        from metaquery.saved_filters.importing import imported  # as for `export`

        with self._shelf.changing() as held:
            done = imported(found, held, bind=self._bind, replace=replace)
            if not dry_run:
                self._shelf.apply([*done.new, *done.replaced])
        return done


def _found(name: str, relation: str, held: dict[Key, SavedFilter]) -> SavedFilter:
    name = normal(name)
    if (relation, name) in held:
        return held[relation, name]
    meant = similar(name, [other for on, other in held if on == relation])
    hint = f"did you mean {meant[0]!r}?" if meant else "metaquery filter list shows what there is"
    raise NotFound(f"there is no saved filter {name!r} on {relation}", hint=hint)


def _refuse_taken(saved: SavedFilter, hint: str) -> None:
    raise UsageError(f"there is a saved filter {saved.name!r} already: {saved.text}", hint=hint)


def _listed(filters: Sequence[SavedFilter]) -> str:
    return ", ".join(f"{shown(saved.reference)} on {saved.relation}" for saved in filters)
