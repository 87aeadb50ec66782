"""`SavedFilters`: filters under a name, as text files that a team can read and keep under version control.

A file is itself a filter: a comment that says what it is of, then the canonical text::

    # metaquery filter, language 1, on data
    dark = true and captured_at > 2023-01-01

`@name` in a filter stands for the text, for the same relation (`filter-language.md` §7).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from metaquery.errors import NotFound, UsageError
from metaquery.store.durable import write_bytes
from metaquery.store.lock import write_lock
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.store.layout import Layout

__all__ = ["SavedFilter", "SavedFilters"]

_LANGUAGE = 1

_BARE = re.compile(r"[^\W\d][\w-]*")
"""A name that needs no quotes behind `@`."""

_NAME_LIMIT = 100

_FILE_NAME_LIMIT = 240
"""Bytes; file systems take 255, and a file is written under a longer name first."""


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """One saved filter.

    Attributes
    ----------
    name
        What stands behind `@`.
    relation
        `data`, `labels` or `predictions`.
    text
        The filter, canonical when it was saved by metaquery; a file may be edited by hand.
    """

    name: str
    relation: str
    text: str

    @property
    def reference(self) -> str:
        """The name as a filter writes it: `@night`, `@"night in Paris"`."""
        return f"@{self.name}" if _BARE.fullmatch(self.name) else '@"' + self.name.replace('"', '""') + '"'


class SavedFilters:
    """The saved filters of one workspace.

    Parameters
    ----------
    layout
        Of the workspace.
    """

    def __init__(self, layout: Layout) -> None:
        self._folder = layout.filters

    def texts(self, relation: str) -> dict[str, str]:
        """Return the text of each filter on a relation, by name."""
        return {f.name: f.text for f in self.all() if f.relation == relation}

    def all(self) -> list[SavedFilter]:
        """Return every saved filter, by relation and name."""
        files = sorted(self._folder.glob("*/*.filter")) if self._folder.exists() else []
        return [_read(file) for file in files]

    def get(self, name: str, relation: str) -> SavedFilter:
        """Return the filter of this name.

        Raises
        ------
        NotFound
            There is none; the nearest names are named.
        """
        known = self.texts(relation)
        if name not in known:
            meant = similar(name, known)
            hint = f"did you mean {meant[0]!r}?" if meant else "metaquery filter list shows what there is"
            raise NotFound(f"there is no saved filter {name!r} on {relation}", hint=hint)
        return SavedFilter(name, relation, known[name])

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
        """
        name = unicodedata.normalize("NFC", name).strip()
        if not name or len(name) > _NAME_LIMIT or any(unicodedata.category(c) in {"Cc", "Cs"} for c in name):
            raise UsageError(f"{name!r} cannot be a filter's name", hint=f"use 1 to {_NAME_LIMIT} printing characters")
        file_name = f"{quote(name, safe=' ')}.filter"
        if len(file_name) > _FILE_NAME_LIMIT:
            raise UsageError(f"{name!r} is too long for a file's name", hint="other characters than a to z count more")
        path = self._folder / relation / file_name
        path.parent.mkdir(parents=True, exist_ok=True)
        with write_lock(self._folder / ".lock", wait_s=10.0):
            if path.exists() and not replace:
                raise UsageError(f"there is a saved filter {name!r} already: {_read(path).text}", hint="give --replace")
            header = f"# metaquery filter, language {_LANGUAGE}, on {relation}\n"
            write_bytes(path, f"{header}{text}\n".encode())
        return SavedFilter(name, relation, text)

    def delete(self, name: str, relation: str) -> SavedFilter:
        """Remove a filter, and return what it was.

        Raises
        ------
        NotFound
            There is none.
        """
        found = self.get(name, relation)
        (self._folder / relation / f"{quote(found.name, safe=' ')}.filter").unlink()
        return found


def _read(file: Path) -> SavedFilter:
    text = file.read_text(encoding="utf-8")
    body = "\n".join(line for line in text.splitlines() if not line.startswith("# metaquery filter,"))
    return SavedFilter(unquote(file.stem), file.parent.name, body.strip())
