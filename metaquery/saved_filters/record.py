"""`SavedFilter`: one saved filter, its name, and how its file is written."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

from metaquery.errors import UsageError

__all__ = ["HEADER", "Key", "SavedFilter", "checked_name", "content", "normal", "reference", "text_of"]

_LANGUAGE = 1

_BARE = re.compile(r"[^\W\d][\w-]*")
"""A name that needs no quotes behind `@`."""

_NAME_LIMIT = 100

_FILE_NAME_LIMIT = 240
"""Bytes; file systems take 255, and a file is written under a longer name first."""

HEADER = "# metaquery filter,"
"""How the line begins that says what a file is of."""

Key = tuple[str, str]
"""Relation and name, which only together are unique."""


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
        return reference(self.name)

    @property
    def key(self) -> Key:
        """Relation and name."""
        return self.relation, self.name

    @property
    def path(self) -> str:
        """Where its file lies in a folder of filters: `data/night.filter`."""
        return f"{self.relation}/{_file_name(self.name)}"


def reference(name: str) -> str:
    """Return a name as a filter writes it."""
    return f"@{name}" if _BARE.fullmatch(name) else '@"' + name.replace('"', '""') + '"'


def normal(name: str) -> str:
    """Return a name as it is kept: NFC, without the blanks around it."""
    return unicodedata.normalize("NFC", name).strip()


def checked_name(name: str) -> str:
    """Return a name as it is kept.

    Raises
    ------
    UsageError
        It cannot be used.
    """
    name = normal(name)
    if not name or len(name) > _NAME_LIMIT or any(unicodedata.category(c) in {"Cc", "Cs"} for c in name):
        raise UsageError(f"{name!r} cannot be a filter's name", hint=f"use 1 to {_NAME_LIMIT} printing characters")
    if len(_file_name(name)) > _FILE_NAME_LIMIT:
        raise UsageError(f"{name!r} is too long for a file's name", hint="other characters than a to z count more")
    return name


def content(saved: SavedFilter, *, named: bool = False) -> str:
    """Return what is written to a file, with the name where the file's own does not tell it."""
    name = f": {saved.reference}" if named else ""
    return f"{HEADER} language {_LANGUAGE}, on {saved.relation}{name}\n{saved.text}\n"


def text_of(content: str) -> str:
    """Return the filter in a file, without the line that says what it is of."""
    lines = content.replace("\r\n", "\n").split("\n")
    return "\n".join(line for line in lines if not line.startswith(HEADER)).strip()


def _file_name(name: str) -> str:
    return f"{quote(name, safe=' ')}.filter"
