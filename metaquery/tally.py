"""`Tally`: what became of every row, and why some could not be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from metaquery import language
from metaquery.errors import shown
from metaquery.frozen import dataclass
from metaquery.language.printing import name_text

if TYPE_CHECKING:
    from metaquery.engines.base import Engine
    from metaquery.language import Query, Sql

__all__ = ["Tally", "Unknown"]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why a filter could not be told for some rows.

    Attributes
    ----------
    field
        Name of a field in the filter.
    rows
        Rows for which the filter is unknown and this field has no value.
    """

    field: str
    rows: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of every row; `matched + unmatched + unknown` is `total`.

    Attributes
    ----------
    matched
        Rows for which the filter is true.
    unknown
        Rows for which it is neither true nor false, as a value is missing or invalid.
    total
        Rows of the relation.
    reasons
        The fields that have no value where the filter is unknown, most rows first.

    Examples
    --------
    >>> tally = ws.data.filter("speed > 50").counts()
    >>> tally.matched, tally.unmatched, tally.unknown, tally.total
    (2, 2, 1, 5)
    """

    matched: int
    unknown: int
    total: int
    reasons: tuple[Unknown, ...]

    @classmethod
    def of(cls, query: Query, engine: Engine) -> Self:
        """Count the rows of a query, by one statement."""
        if query.where is None:
            ((total,),) = engine.rows(*_statement(language.count_sql(query, engine.dialect)))
            return cls(matched=total, unknown=0, total=total, reasons=())
        sql = language.tally_sql(query, engine.dialect).sql
        ((matched, unknown, total, *without),) = engine.rows(*_statement(sql))
        reasons = (Unknown(name, count) for name, count in zip(sql.names[3:], without, strict=True) if count)
        return cls(matched, unknown, total, tuple(sorted(reasons, key=lambda r: -r.rows)))

    @property
    def unmatched(self) -> int:
        """Rows for which the filter is false.

        Examples
        --------
        >>> ws.data.filter("speed > 50").counts().unmatched
        2
        """
        return self.total - self.matched - self.unknown

    def describe_unknown(self) -> str | None:
        """Return what is unknown and why, in words; None where nothing is.

        Examples
        --------
        >>> ws.data.filter("speed > 50").counts().describe_unknown()
        '1 more is unknown: speed has no value there (… or speed is null includes them).'
        """
        if not self.unknown:
            return None
        told = f"{self.unknown:,} more {'is' if self.unknown == 1 else 'are'} unknown"
        if not self.reasons:
            return f"{told}."
        if len(self.reasons) == 1:
            name = self.reasons[0].field
            return f"{told}: {shown(name)} has no value there (… or {shown(name_text(name))} is null includes them)."
        parts = ", ".join(f"{shown(reason.field)} in {reason.rows:,}" for reason in self.reasons)
        return f"{told}, as fields have no value there: {parts}."

    def to_json(self) -> dict[str, Any]:
        """Return the numbers, for scripts.

        Examples
        --------
        >>> ws.data.filter("dark").counts().to_json()["unknown_fields"]
        {'dark': 1}
        """
        return {
            "matched": self.matched,
            "unmatched": self.unmatched,
            "unknown": self.unknown,
            "total": self.total,
            "unknown_fields": {reason.field: reason.rows for reason in self.reasons},
        }


def _statement(sql: Sql) -> tuple[str, tuple[Any, ...]]:
    return sql.text, sql.params
