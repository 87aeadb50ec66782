"""`Clause`: how many rows each condition of a filter matches; `why_nothing()`: which of them left no row, in words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from metaquery.errors import shown
from metaquery.language import canonical, clauses_sql, conjuncts, describe_fields, query
from metaquery.language.printing import string_text
from metaquery.schema import RELATIONS
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from metaquery.engines.base import Engine
    from metaquery.language import Query
    from metaquery.schema import Field

__all__ = ["Clause", "Known", "clauses_of", "why_nothing"]

_LONGEST = 100
"""Characters of a condition that are shown."""

_COMPLETE = 10_000
"""Values of a field below which all of them are known (`completion`)."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One of the conditions of a filter that are joined by its outermost `and`.

    Attributes
    ----------
    filter
        Its canonical text.
    matched
        Rows that it matches alone.
    unknown
        Rows for which it is unknown.
    remaining
        Rows that it and all clauses before it match.
    """

    filter: str
    matched: int
    unknown: int
    remaining: int

    def to_json(self) -> dict[str, Any]:
        """Return the numbers, for scripts."""
        return asdict(self)


@dataclass(frozen=True)
class Known:
    """What a snapshot knows besides its rows.

    Attributes
    ----------
    values
        Returns the values of a field and how many rows have each, where that was counted.
    invalid
        Values that do not fit their type, by key.
    rows
        Rows of each relation, by its name.
    """

    values: Callable[[Field], Mapping[object, int | None]]
    invalid: Mapping[str, int]
    rows: Mapping[str, int]


def clauses_of(asked: Query, engine: Engine) -> tuple[Clause, ...]:
    """Count the clauses of a filter, in the order of its text, by one scan; none where there is no filter.

    Parameters
    ----------
    asked
        The query; its limit does not count.
    engine
        Runs it.
    """
    if asked.where is None:
        return ()
    sql = clauses_sql(asked, engine.dialect)
    (counts,) = engine.rows(sql.text, sql.params)
    numbers = zip(counts[::3], counts[1::3], counts[2::3], strict=True)
    return tuple([Clause(canonical(part), *three) for part, three in zip(conjuncts(asked.where), numbers, strict=True)])


def why_nothing(asked: Query, clauses: tuple[Clause, ...], known: Known) -> tuple[str, ...]:
    """Return in at most three lines why a query has no row; nothing where it has some, or no clause tells more.

    Parameters
    ----------
    asked
        The query.
    clauses
        What `clauses_of` returned for it.
    known
        Of its snapshot.
    """
    if asked.where is None or not clauses or clauses[-1].remaining or not known.rows[asked.relation.name]:
        return ()
    both = list(zip(conjuncts(asked.where), clauses, strict=True))
    dead = [(part, clause) for part, clause in both if not clause.matched]
    if not dead:
        return (_meeting(asked, clauses),)
    lines = [line for part, clause in dead for line in _alone(asked, part, clause, known, only=len(both) == 1)]
    if len(lines) > 3:
        return (*lines[:2], f"… and {len(lines) - 2:,} more conditions match nothing.")
    return tuple(lines)


def _meeting(asked: Query, clauses: tuple[Clause, ...]) -> str:
    """Say where the rows ran out, when each clause matches some."""
    at = next(n for n, clause in enumerate(clauses) if not clause.remaining)
    last, noun = clauses[at], asked.relation.singular
    if at == 1:
        first = clauses[0]
        told = f"{_cut(first.filter)} matches {first.matched:,}, {_cut(last.filter)} matches {last.matched:,}"
        return f"{told}, and no {noun} matches both."
    before = clauses[at - 1].remaining
    left = f"the {before:,} that match" if before > 1 else "the one that matches"
    return f"{_cut(last.filter)} matches {last.matched:,}, but none of {left} the {at} conditions before it."


def _alone(asked: Query, part: query.Predicate, clause: Clause, known: Known, *, only: bool) -> list[str]:
    """Say of a clause that matches nothing which value no row has, or else that it is the one."""
    found = [line for line in _unfound(part, known, proven=True) if line]
    if found:
        return found[:2]
    if only and not clause.unknown:
        return []
    return [f"{_cut(clause.filter)}: no {asked.relation.singular} matches it{_unknown(asked, part, clause, known)}."]


def _unknown(asked: Query, part: query.Predicate, clause: Clause, known: Known) -> str:
    if not clause.unknown:
        return ""
    fields = describe_fields(part, deep=False)
    told = f", and for {clause.unknown:,} it is unknown"
    invalid = known.invalid.get(fields[0].name, 0) if len(fields) == 1 and fields[0].qualifier == "meta" else 0
    if not invalid or asked.relation.name != "data":
        return told
    return f"{told}: {invalid:,} of their values {'does' if invalid == 1 else 'do'} not fit the type"


def _unfound(part: query.Predicate, known: Known, *, proven: bool) -> Iterator[str]:
    """Yield for each text that a field is asked for and has not that it has not, and which was meant.

    `proven` says that nothing matches `part`; without it, all values of the field have to be known.
    """
    match part:
        case query.Or():
            for arg in part.args:
                yield from _unfound(arg, known, proven=proven)
        case query.And():
            for arg in part.args:
                yield from _unfound(arg, known, proven=False)
        case query.Quantified(which="any", where=where) if where is not None:
            yield from _unfound(where, known, proven=proven)
        case query.Compare(op="=", left=query.Column() as column, right=query.Constant() as text):
            yield from _value(part, column.field, (text,), known, proven=proven)
        case query.Compare(op="=", left=query.Constant() as text, right=query.Column() as column):
            yield from _value(part, column.field, (text,), known, proven=proven)
        case query.In(x=query.Column() as column):
            yield from _value(part, column.field, part.items, known, proven=proven)
        case query.Has(kind="has" | "any", x=query.Column() as column):
            yield from _value(part, column.field, part.items, known, proven=proven)


def _value(
    part: query.Predicate, field: Field, items: tuple[query.Value, ...], known: Known, *, proven: bool
) -> Iterator[str]:
    texts = [item.value for item in items if isinstance(item, query.Constant) and isinstance(item.value, str)]
    if field.type not in {"STRING", "LIST"} or not texts or len(texts) < len(items):
        return
    there = known.values(field)
    if any(text in there for text in texts) or not (proven or len(there) < _COMPLETE):
        return
    meant = dict.fromkeys(near for text in texts for near in similar(text, [v for v in there if isinstance(v, str)]))
    told = " or ".join([_counted(near, there[near]) for near in list(meant)[:2]])
    row = {r.qualifier: r.singular for r in RELATIONS.values()}.get(field.qualifier, "data unit")
    what = "it" if len(texts) == 1 else "any of them"
    yield f"{_cut(canonical(part))}: no {row} has {what}{f'; did you mean {told}?' if told else '.'}"


def _counted(value: str, count: int | None) -> str:
    return _cut(string_text(value)) + ("" if count is None else f" ({count:,})")


def _cut(text: str) -> str:
    text = shown(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
