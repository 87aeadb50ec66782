"""`Misfit`: a key whose values do not fit its type, and what they look like; filters on it name that as the cause."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from metaquery.errors import FilterError, visible
from metaquery.frozen import dataclass
from metaquery.language import parse_view, syntax
from metaquery.schema import FIELD_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from metaquery.schema import Field
    from metaquery.store.evidence import Look, Rows
    from metaquery.store.snapshot import KeyCount, Snapshot

__all__ = [
    "CORRECTION", "Misfit", "all_misfits", "cause_named", "described", "example_text", "look_text", "misfits_of",
    "nearly_all_invalid",
]  # fmt: skip

_NEARLY = 0.9
"""Share of the values of a key from which its type, and not the values, is to blame; and of misfits that look alike."""

_GLANCE = 10_000
"""Misfits of a key that a remark looks at: enough to say what they look like, and nothing that a count would feel."""

_SHOWN = 40

CORRECTION = "correct the schema (metaquery schema infer), then metaquery rematerialise"
"""What to do about a misfit."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A key with values that do not fit its type.

    Attributes
    ----------
    key
        How the key fared.
    looks
        What the values that do not fit look like, most first.
    """

    key: KeyCount
    looks: tuple[Look, ...]

    def __str__(self) -> str:
        """Return `423 of 423 values of 'city' are not datetimes; they look like strings, e.g. 'Paris'`."""
        return self.sentence(f" of {self.key.name!r}")

    def sentence(self, whose: str = "") -> str:
        """Return how many values do not fit and what they look like; `whose` stands behind `values`."""
        key = self.key
        row = FIELD_TYPES[key.type]
        values = key.valid + key.invalid
        counted = f"{key.invalid:,} of {values:,} value{'' if values == 1 else 's'}{whose}"
        if key.invalid == 1:
            return f"{counted} is not {row.expected}: {example_text(key.example)}"
        return f"{counted} are not {row.plural}{f'; {described(self.looks)}' if self.looks else ''}"

    def to_json(self) -> dict[str, Any]:
        """Return the numbers and the sentence, for scripts."""
        key = self.key
        return {
            "type": key.type,
            "valid": key.valid,
            "missing": key.missing,
            "invalid": key.invalid,
            "looks_like": {look.plural: look.rows for look in self.looks},
            "remark": str(self),
        }


def described(looks: Sequence[Look]) -> str:
    """Return what misfits look like: `they look like strings, e.g. 'Paris'`."""
    total = sum(look.rows for look in looks)
    first = looks[0]
    if first.rows >= _NEARLY * total:
        start = "they" if first.rows == total else "nearly all"
        return f"{start} look like {first.plural}, e.g. {example_text(first.example)}"
    others = sum(look.rows for look in looks[3:])
    return f"they look like {', '.join(map(look_text, looks[:3]))}{f' and others ({others:,})' if others else ''}"


def look_text(look: Look) -> str:
    """Return `strings (12, e.g. 'Paris')`."""
    example = "" if look.example is None else f", e.g. {example_text(look.example)}"
    return f"{look.plural} ({look.rows:,}{example})"


def example_text(raw: str | None) -> str:
    """Return a value as it is shown: a text as a filter writes it, anything else as JSON; what is long is cut."""
    if raw is None:
        return "null"
    text = raw
    if raw.startswith('"'):
        text = "'" + str(json.loads(raw)).replace("'", "''") + "'"
    shown = "".join(map(visible, text[:_SHOWN]))
    return shown if len(text) <= _SHOWN else f"{shown}…"


def nearly_all_invalid(key: KeyCount) -> bool:
    """Whether the type of a key, and not its values, is to blame."""
    return key.invalid > 0 and key.invalid >= _NEARLY * (key.valid + key.invalid)


def misfits_of(
    snapshot: Snapshot, fields: Iterable[Field], rows: Callable[[Sequence[str], int], Rows]
) -> tuple[Misfit, ...]:
    """Return the fields of which nearly all values do not fit, in their order.

    Parameters
    ----------
    snapshot
        Whose values.
    fields
        Those of a filter.
    rows
        Given keys, and how many misfits of them are looked at, returns what runs SQL over those of the snapshot; not
        asked where every field is in order.
    """
    wrong = {key.name: key for key in snapshot.keys if nearly_all_invalid(key)}
    names = dict.fromkeys(f.name for f in fields if f.qualifier == "meta" and f.name in wrong)
    if not names:
        return ()
    from metaquery.store.evidence import looks_of_misfits  # as a rule, every field is in order

    run = rows(list(names), _GLANCE)
    return tuple(Misfit(wrong[name], looks_of_misfits(run, [name], at_most=_GLANCE)[name]) for name in names)


def all_misfits(snapshot: Snapshot, rows: Rows) -> tuple[Misfit, ...]:
    """Return every key with values that do not fit, in the order of the schema; every value is looked at."""
    from metaquery.store.evidence import looks_of_misfits  # as for `misfits_of`

    looks = looks_of_misfits(rows)
    return tuple(Misfit(key, looks[key.name]) for key in snapshot.keys if key.invalid)


@contextmanager
def cause_named(snapshot: Snapshot, rows: Callable[[Sequence[str], int], Rows]) -> Iterator[None]:
    """Give an error of a filter's types the cause as its hint, where a field beside it has nearly no valid value."""
    try:
        yield
    except FilterError as error:
        if error.kind == "type":
            beside = _fields_beside(error)
            found = misfits_of(snapshot, (f for f in snapshot.schema.fields if f.name in beside), rows)
            if found:
                error.hint = f"{found[0]}: {CORRECTION}"
        raise


def _fields_beside(error: FilterError) -> set[str]:
    """Return the names in the condition that an error points into; what stands beyond `and` has no part in it."""
    written = parse_view(error.source)
    roots = [*([written.where] if written.where else []), *(key.key for key in written.order)]
    node = next((root for root in roots if _within(error, root)), None)
    while isinstance(node, syntax.And | syntax.Or | syntax.Not | syntax.Quantified | syntax.Count):
        node = next((part for part in syntax.children(node) if _within(error, part)), None)
    found: set[str] = set()
    waiting: list[syntax.Expr] = [] if node is None else [node]
    while waiting:
        part = waiting.pop()
        waiting.extend(syntax.children(part))
        if isinstance(part, syntax.Field) and part.qualifier in {None, "meta"}:
            found |= {part.name, part.name.removeprefix("meta.")}
    return found


def _within(error: FilterError, node: syntax.Node) -> bool:
    return node.span.start <= error.span.start and error.span.end <= node.span.end
