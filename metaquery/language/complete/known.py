"""`Known`: what there is besides the schema, and the candidates of it: values, Collections, saved filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from metaquery.frozen import dataclass
from metaquery.language import syntax
from metaquery.language.complete.candidate import Candidate
from metaquery.language.complete.literals import LITERALS, counted, days, literal, writable
from metaquery.language.complete.matching import Source, fixed
from metaquery.language.literals import shortened
from metaquery.language.printing import string_text, to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from metaquery.language.complete.candidate import Values
    from metaquery.schema import Field, Relation

__all__ = ["Known"]


@dataclass(frozen=True, slots=True)
class Known:
    """What the caller of `complete` knows.

    Attributes
    ----------
    values
        Of fields.
    collections
        Returns the titles; of a mapping, with their numbers of units, None where they are of something else.
    saved
        Returns the names of a relation's saved filters, given its name; of a mapping, with their texts.
    parameters
        Names of parameters, without the colon.
    """

    values: Values
    collections: Callable[[], Iterable[str]]
    saved: Callable[[str], Iterable[str]]
    parameters: tuple[str, ...] = ()

    def texts(self, field: Field, taken: frozenset[str]) -> Source:
        """Return the texts that a field has; of an ENUM, then those that it may have."""
        given = [(v, count) for v, count in self.values(field) if isinstance(v, str) or field.type == "UUID"]
        counts = list(given)
        if field.type == "ENUM":
            allowed, seen = frozenset(field.values), {value for value, _ in given}
            counts = [pair for pair in given if pair[0] in allowed]
            counts += [(value, None) for value in field.values if value not in seen]
        if taken:
            counts = [pair for pair in counts if pair[0] not in taken]
        return Source([str(value) for value, _ in counts], lambda i: counted(*counts[i], field), 3)

    def days(self, field: Field) -> Source:
        """Return the days that a field has."""
        return fixed(days(self.values(field), field))

    def numbers(self, field: Field) -> Source:
        """Return the numbers that a field has."""
        given = self.values(field)
        return Source(_Written(given, field), lambda i: counted(*given[i], field))

    def booleans(self, field: Field | None) -> Source:
        """Return `true` and `false`, the more frequent first."""
        given: dict[bool, int | None] = {}
        if field is not None and field.type == "BOOLEAN":
            given = {value: count for value, count in self.values(field) if isinstance(value, bool)}
        order = sorted(LITERALS["BOOLEAN"], key=lambda c: -(given.get(c.text == "true") or 0))
        if not given or field is None:
            return fixed(order)
        return fixed([counted(c.text == "true", given.get(c.text == "true"), field) or c for c in order])

    def titles(self, taken: frozenset[str]) -> Source:
        """Return the titles of the Collections."""
        held = self.collections()
        titles = [title for title in held if writable(title) and title not in taken]
        sizes = held if isinstance(held, Mapping) else {}

        def make(index: int) -> Candidate:
            title = titles[index]
            size = sizes.get(title)
            detail = "Collection" if size is None else f"Collection, {size:,} unit{'s' * (size != 1)}"
            return Candidate(string_text(title), "collection", shortened(title), detail, size)

        return Source(titles, make, 3)

    def given(self) -> Source:
        """Return the parameters, which stand for a value that is given beside the text."""
        return fixed([Candidate(f":{name}", "parameter", f":{name}", "parameter") for name in self.parameters])

    def filters(self, relation: Relation, *, sign: str = "@") -> Source:
        """Return the saved filters of a relation; `sign` is what is typed before a name."""
        saved = self.saved(relation.name)
        names = [name for name in saved if writable(name)]
        texts = saved if isinstance(saved, Mapping) else {}

        def make(index: int) -> Candidate:
            name = names[index]
            text = to_text(syntax.Saved(name))
            return Candidate(text, "saved", f"@{shortened(name)}", shortened(str(texts.get(name, ""))))

        return Source([sign + name for name in names], make, 2 if sign else 3)


@dataclass(frozen=True, slots=True)
class _Written(Sequence[str]):
    """Values as they are written; made when they are compared with what is typed, as there may be many."""

    values: Sequence[tuple[object, int | None]]
    field: Field

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[str]:
        return (literal(value, self.field) or "" for value, _ in self.values)

    def __getitem__(self, index: Any) -> Any:
        return literal(self.values[index][0], self.field) or ""
