"""`Completer`: completes filters over one snapshot, with the values that its rows have, most frequent first."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeAlias

from metaquery import language
from metaquery.errors import MetaqueryError, shown
from metaquery.language.complete import Completion, complete
from metaquery.language.complete.literals import literal
from metaquery.schema import DATA, LABELS, PREDICTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from metaquery.collection import Collection
    from metaquery.language import Dialect, Sql
    from metaquery.schema import Field, Relation, Schema
    from metaquery.store.snapshot import Counts
    from metaquery.value_cache import ValueCache

__all__ = ["Completer"]

_Key: TypeAlias = "tuple[Field, str]"
_Found: TypeAlias = "tuple[tuple[object, int | None], ...]"

_MOST = 10_000
"""Values of a field that are known; completion takes 13 ms for so many."""

_READ = 200_000
"""Rows that are read for the values of a field; of more, a sample of about so many is."""

_COUNTED = 2_000_000
"""Rows up to which few values are counted after a sample has shown that they are few: 20 ms a million rows."""

_TRIED = 20
"""Values among which is looked for one that may be shown."""

_EXAMPLE = 40
"""Characters of a text that is an example, at most."""

_PRIVATE_FIELD = r"(?i)secret|passw|passphrase|credential|(?:api|access|private)[ _-]?key|(?:^|[ _-])token"
"""Fields that have no example; read where there is one, as completion need not pay for it."""

_PRIVATE = (
    r"(?i)PRIVATE KEY|b3BlbnNzaC1rZXkt|^ey[\w-]{10,}\.|://[^/\s]*@|[?&][\w-]*(?:sig|signature|token|key|credential)="
)
"""Keys, signed tokens and addresses with a password or a signature in them."""

_WITHOUT = frozenset({"POINT", "VECTOR"})


class Completer:
    """Completes filters over a snapshot; looks the values of a field up when they are first asked for.

    Parameters
    ----------
    schema, counts
        Of the snapshot.
    rows
        Runs a statement on it.
    collections
        Returns the Collections that there are.
    saved
        Returns the saved filters of a relation, text by name.
    tags
        Returns the tags that are no Collection's title.
    kept
        Where the values of fields are kept from one process to the next; None keeps them nowhere.
    dialect
        Returns what statements are said in.
    """

    def __init__(
        self,
        schema: Schema,
        counts: Counts,
        *,
        rows: Callable[[Sql], list[tuple[Any, ...]]],
        collections: Callable[[], Iterable[Collection]],
        saved: Callable[[str], Mapping[str, str]],
        tags: Callable[[], Iterable[Collection]] = tuple,
        kept: ValueCache | None = None,
        dialect: Callable[[], Dialect] = lambda: language.DUCKDB,
    ) -> None:
        self._schema = schema
        self._counts = counts
        self._rows = rows
        self._collections = collections
        self._saved = saved
        self._tags = tags
        self._kept = kept
        self._dialect = dialect
        self._known: dict[_Key, _Found] = {}
        self._waiting: dict[_Key, Callable[[], None]] = {}

    def complete(
        self,
        text: str,
        cursor: int,
        relation: Relation,
        *,
        time_zone: str = "UTC",
        limit: int = 50,
        parameters: Iterable[str] = (),
        ordered: bool = True,
        later: Callable[[], None] | None = None,
    ) -> Completion:
        """Return what may stand at the cursor; parameters as `View.complete`, which is how to call it."""
        return complete(
            text,
            cursor,
            self._schema,
            relation,
            lambda field: self.values(field, time_zone) if later is None else self._so_far(field, time_zone, later),
            collections=self._titles,
            saved=self._saved,
            parameters=parameters,
            start="view" if ordered else "filter",
            limit=limit,
        )

    def values(self, field: Field, time_zone: str) -> _Found:
        """Return the values of a field, most frequent first, of a DATETIME the days in a time zone.

        Returns
        -------
        tuple of pairs
            A value, and how many rows have it; None where it was seen in a sample. The first time it takes about as
            long as a query that counts, afterwards nothing.
        """
        if field.qualifier == "unit" and field.name == "tags":  # Collections' titles come with the Collections
            return tuple((tag.title, tag.members) for tag in self._tags())
        key = _key(field, time_zone)
        known = self._at_hand(key)
        if known is None:
            found = self._looked_up(field, time_zone)
            if self._kept is not None:
                self._kept.put(_name(*key), found)
            known = self._known[key] = tuple(found)
        return known

    def _at_hand(self, key: _Key) -> _Found | None:
        """Return values without asking the engine; None where it has to be."""
        if key not in self._known and self._kept is not None:
            found = self._kept.get(_name(*key))
            if found is not None:
                self._known[key] = tuple(found)
        return self._known.get(key)

    def _so_far(self, field: Field, time_zone: str, later: Callable[[], None]) -> _Found:
        """Return the values of a field if they are at hand; else none, and have them looked up by another thread."""
        key = _key(field, time_zone)
        known = self.values(field, time_zone) if field.name == "tags" else self._at_hand(key)
        if known is not None:
            return known

        def look() -> None:
            with suppress(MetaqueryError):  # running the filter tells
                self.values(field, time_zone)
            self._waiting.pop(key)()

        looking = key in self._waiting
        self._waiting[key] = later  # who asked last is told: the line has gone on
        if not looking:
            Thread(target=look, name="metaquery-values", daemon=True).start()
        return ()

    def every_value(self, field: Field, time_zone: str) -> dict[object, int | None]:
        """Return what `values` does; of tags, the Collections' titles, too."""
        found = dict(self.values(field, time_zone))
        return found | self._titles() if field.qualifier == "unit" and field.name == "tags" else found

    def example(self, field: Field, time_zone: str) -> str | None:
        """Return a value that many rows have, as a filter writes it; None where there is none that may be shown.

        It stands in messages, which are logged and sent on: what looks like a secret is passed over, and so is all
        that a field has whose name says so.
        """
        if re.search(_PRIVATE_FIELD, field.name):
            return None
        for value, _ in self.values(field, time_zone)[:_TRIED]:
            text = value.isoformat() if isinstance(value, date) else literal(_cut(value), field)
            if text is not None and not re.search(_PRIVATE, str(value)):
                return shown(text)
        return None

    def _looked_up(self, field: Field, time_zone: str) -> list[tuple[object, int | None]]:
        found = self._read(field, time_zone)
        if field.type == "UUID":
            return [(str(value), count) for value, count in found]
        if field.type == "DATETIME":  # a day of the year 10000, east of Greenwich, is none of Python's
            return [(day, count) for day, count in found if isinstance(day, date)]
        return list(found)

    def _titles(self) -> dict[str, int | None]:
        return {c.title: c.members if c.relation == "data" and not c.live else None for c in self._collections()}

    def _read(self, field: Field, time_zone: str) -> Iterable[tuple[object, int | None]]:
        if field.type in _WITHOUT:
            return ()
        held = self._counts.of(next((r for r in (LABELS, PREDICTIONS) if r.qualifier == field.qualifier), DATA))
        if held <= _READ:
            return self._rows(language.values_sql(field, self._dialect(), most=_MOST, time_zone=time_zone))
        return self._sampled(field, held, time_zone)

    def _sampled(self, field: Field, held: int, time_zone: str) -> Iterable[tuple[object, int | None]]:
        """Return the values in a sample of the rows; counted, where that is quick; of days, the first and the last."""
        share = 100 * _READ / held
        found = self._rows(language.values_sql(field, self._dialect(), most=_MOST, time_zone=time_zone, share=share))
        if field.type != "DATETIME" and len(found) < _MOST and held <= _COUNTED:
            return self._rows(language.values_sql(field, self._dialect(), most=_MOST, time_zone=time_zone))
        seen = [value for value, _ in found]
        if field.type == "DATETIME":
            seen += [
                day
                for day in self._rows(language.days_sql(field, self._dialect(), time_zone=time_zone))[0]
                if day is not None
            ]
        return [(value, None) for value in dict.fromkeys(seen)]


def _key(field: Field, time_zone: str) -> _Key:
    return (field, time_zone if field.type == "DATETIME" else "")


def _name(field: Field, time_zone: str) -> str:
    """Return the name under which values are kept."""
    return f"{field.qualifier}\0{field.name}\0{field.type}\0{time_zone}"


def _cut(value: object) -> object:
    return f"{value[: _EXAMPLE - 1]}…" if isinstance(value, str) and len(value) > _EXAMPLE else value
