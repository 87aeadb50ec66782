"""`SavedFilters`: those of one workspace, and the server's filter presets."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from metaquery.errors import UsageError, shown
from metaquery.saved_filters.local import LocalFilters
from metaquery.saved_filters.record import SavedFilter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metaquery.saved_filters.importing import Imported
    from metaquery.saved_filters.presets import Preset, PresetPlan, Presets

__all__ = ["SavedFilters"]


class SavedFilters(LocalFilters):
    """The saved filters of one workspace.

    Parameters
    ----------
    layout
        Of the workspace.
    bind
        Checks a filter against the newest snapshot; without it, only its syntax and what it names are checked.
    client
        Returns a client of the server, for what concerns presets.

    Examples
    --------
    >>> saved = ws.save_filter("night", "dark = true", replace=True)
    >>> ws.data.filter("@night and speed > 50").canonical
    'dark = true and speed > 50'
    """

    # Filter presets of the server

    def presets(self, project: str | None = None) -> list[Preset]:
        """List the presets of the Index, or of a project in Active.

        Parameters
        ----------
        project
            Title or hash; None for the Index.

        Raises
        ------
        NotFound
            There is no such project.

        Examples
        --------
        >>> saved = ws.save_filter("night", "dark = true", replace=True)
        >>> sent = ws.filters.push("night", replace=True)
        >>> [preset.name for preset in ws.filters.presets()]
        ['night']
        """
        with self._presets(project) as presets:
            return presets.all()

    def import_preset(
        self,
        name: str,
        *,
        called: str | None = None,
        project: str | None = None,
        replace: bool = False,
        dry_run: bool = False,
    ) -> Imported:
        """Save the filter that a preset has, where all of it is understood.

        Parameters
        ----------
        name
            Of the preset, or its uuid.
        called
            Name of the filter; None takes the preset's.
        project
            As for `presets`.
        replace, dry_run
            As for `import_from`.

        Raises
        ------
        PresetError
            The preset has anything that is not understood; each such part is named.
        NotFound, UsageError
            There is no such preset, or several are called so; or as `import_from`.

        Examples
        --------
        >>> saved = ws.save_filter("night", "dark = true", replace=True)
        >>> sent = ws.filters.push("night", replace=True)
        >>> ws.filters.import_preset("night").unchanged == (saved,)
        True
        """
        with self._presets(project) as presets:
            found = presets.read(name, called)
        return self.take([found], replace=replace, dry_run=dry_run)

    def plan_push(
        self,
        name: str,
        relation: str = "data",
        *,
        called: str | None = None,
        project: str | None = None,
        replace: bool = False,
    ) -> PresetPlan:
        """Find out what sending a filter to the server as a preset would do; writes nothing.

        Parameters
        ----------
        name, relation
            Of the filter; those that it names are written out.
        called
            Name of the preset; None takes the filter's.
        project
            As for `presets`.
        replace
            Whether a preset of this name may be replaced that has another filter of metaquery.

        Raises
        ------
        UsageError, PresetError
            A preset of this name has another filter; or there is none of this kind for its relation.

        Examples
        --------
        >>> saved = ws.save_filter("night", "dark = true", replace=True)
        >>> sent = ws.filters.push("night", replace=True)
        >>> ws.filters.plan_push("night").action
        'nothing'
        """
        saved = self._written_out(name, relation)
        with self._presets(project) as presets:
            return presets.plan(saved, called or saved.name, replace=replace)

    def push(
        self,
        name: str,
        relation: str = "data",
        *,
        called: str | None = None,
        project: str | None = None,
        replace: bool = False,
    ) -> Preset:
        """Send a filter to the server as a preset that `import_preset` reads; a second time changes nothing.

        Encord keeps it, and lists it with its presets; its own pages do not know the language, and cannot apply it.
        Parameters and errors as `plan_push`.

        Examples
        --------
        >>> saved = ws.save_filter("night", "dark = true", replace=True)
        >>> ws.filters.push("night", replace=True).place
        'the Index'
        """
        saved = self._written_out(name, relation)
        with self._presets(project) as presets:
            return presets.apply(presets.plan(saved, called or saved.name, replace=replace))

    @contextmanager
    def _presets(self, project: str | None) -> Iterator[Presets]:
        from metaquery.saved_filters.presets import Presets  # with it comes httpx

        if self._client is None:
            raise UsageError("these saved filters were opened without a server")
        with self._client() as client:
            yield Presets(client, project)

    def _written_out(self, name: str, relation: str) -> SavedFilter:
        """Return a filter that names no other: nobody else has the others."""
        from metaquery.saved_filters.references import references  # as for `delete`

        found = self.get(name, relation)
        if not any(references(found.text, relation)):
            return found
        text = None if self._bind is None else self._bind(found.text, relation, self.texts)
        if text is None:
            raise UsageError(
                f"{shown(found.reference)} names others, which can be written out when something is synced",
                hint="run: metaquery sync",
            )
        return SavedFilter(found.name, relation, text)
