"""`Choice`: what a facet's bars have to say of the filter: which of them are chosen, and what a click makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from metaquery.language import syntax
from metaquery.language.printing import to_text

if TYPE_CHECKING:
    from metaquery.facets import Bar
    from metaquery.language.editing import Clauses

__all__ = ["Alternative", "Choice"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """A condition; of `x = literal` and `x has literal`, `item` is the literal, and `value` the text that it is."""

    text: str
    item: str | None
    value: str | None = None

    @classmethod
    def of(cls, node: syntax.Expr) -> Alternative:
        """Read a condition."""
        match node:
            case syntax.Compare(op="=", left=syntax.Field(), right=right) if not isinstance(right, syntax.Field):
                return cls(to_text(node), to_text(right), right.value if isinstance(right, syntax.String) else None)
            case syntax.Has(kind="has", x=syntax.Field(), items=(item,)):
                return cls(to_text(node), to_text(item), item.value if isinstance(item, syntax.String) else None)
            case _:
                return cls(to_text(node), None)


class Choice:
    """What a field's own clauses let through, as conditions of which one has to hold.

    Parameters
    ----------
    clauses
        The filter.
    own
        Places of the field's own clauses in it.
    held
        What they say, as conditions.
    name
        The field, as a filter names it; None where none can.
    lists
        Whether it has lists.
    """

    def __init__(
        self, clauses: Clauses, own: tuple[int, ...], held: list[Alternative], *, name: str | None, lists: bool
    ) -> None:
        self._clauses = clauses
        self._own = own
        self._held = held
        self._name = name
        self._has = "has" if lists else "="

    def has(self, bar: Bar) -> bool:
        """Whether a bar's filter is one of the conditions."""
        return bar.filter is not None and any(each.text == bar.filter for each in self._held)

    def toggled(self, bar: Bar) -> str | None:
        """Return the filter after a click; None where the bar has none."""
        if bar.filter is None or self._name is None:
            return None
        before = f"{self._name} {self._has} "
        item = bar.filter.removeprefix(before) if bar.kind == "value" and bar.filter.startswith(before) else None
        return self._with(self._after([Alternative(bar.filter, item)]))

    def toggled_by(self, clicked: list[Alternative]) -> str:
        """Return the filter after a click on a condition."""
        return self._with(self._after(clicked))

    def _after(self, clicked: list[Alternative]) -> list[Alternative]:
        there = {each.text for each in self._held}
        if all(each.text in there for each in clicked):
            gone = {each.text for each in clicked}
            return [each for each in self._held if each.text not in gone]
        return [*self._held, *(each for each in clicked if each.text not in there)]

    def _with(self, held: list[Alternative]) -> str:
        if not held:
            return self._none
        text = self._joined(held)
        before, behind, alone = _slot(self._clauses, self._own)
        return f"{before}({text}){behind}" if " or " in text and not alone else f"{before}{text}{behind}"

    def _joined(self, held: list[Alternative]) -> str:
        items = [each.item for each in held if each.item is not None]
        texts = [each.text for each in held if each.item is None]
        if len(items) == 1:
            texts.insert(0, next(each.text for each in held if each.item is not None))
        elif items:
            listed = ", ".join(items)
            texts.insert(0, f"{self._name} {'has any' if self._has == 'has' else 'in'} ({listed})")
        return " or ".join(texts)

    @cached_property
    def _none(self) -> str:
        return self._clauses.with_("", at=self._own) if self._own else self._clauses.text


@lru_cache(maxsize=100)
def _slot(clauses: Clauses, own: tuple[int, ...]) -> tuple[str, str, bool]:
    """Return what stands before and behind a field's own condition, and whether it is all there is.

    It is the same for each field that has no clauses yet.
    """
    probe = "x = '\ue000'"  # a character for private use, which no other text has
    before, _, behind = clauses.with_(probe, at=own).partition(probe)
    return before, behind, not (before or behind)
