"""`phrases_at()`: the words and signs that may stand at a place; after an operand, what the binder takes there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.language.complete.operands import Operand
from metaquery.language.complete.phrases import OPENING, Phrase, phrases_for
from metaquery.language.functions import FUNCTIONS
from metaquery.language.operators import ARITHMETIC

if TYPE_CHECKING:
    from metaquery.language.complete.place import Place

__all__ = ["phrases_at"]

_LOOSE = frozenset({"PLUS", "MINUS"})
_TIGHT = frozenset({"STAR", "DIV", "CARET"})
_SIGNS = _LOOSE | _TIGHT
_RESULTS = {
    key: frozenset(gives for (sign, left, _), gives in ARITHMETIC.items() if (sign, left) == key)
    for key in {(sign, left) for sign, left, _ in ARITHMETIC}
}
"""What may be computed from an operand, by the sign after it and its family."""
_BARE = frozenset({"field", "component", "days"})
"""Roles of what stands alone: nothing is computed of it."""

_CALLED = frozenset({*FUNCTIONS, "count"})
_TESTS = frozenset({"COMPARE", "BETWEEN", "IN", "NOT", "LIKE", "MATCH", "TEXT", "HAS", "HAS_EACH", "IS"})
_JOINS = frozenset({"AND", "OR"})
_ENDS = frozenset({"RPAR", "RBRACKET", "COMMA", "ORDER_BY", "LIMIT", "DIRECTION", "NULLS"})


def phrases_at(place: Place, operand: Operand | None) -> tuple[Phrase, ...]:
    """Return the words and signs that may stand at a place, after an operand if one ends there."""
    if operand is None:
        return _without_operand(place)
    name = place.stack[-1]
    if operand.type is None and isinstance(name, str) and name.lower() in _CALLED:
        return OPENING[-1:]
    tight = _tight_signs(place)
    if operand.type is None and not (place.ends_in_null() or place.counts_rows()):
        return tight
    fit = place.accepts - _unfit(place, operand)
    untested = "COMPARE" in fit
    goal = None if untested else place.goal().types
    found = (row for row in phrases_for(operand.type, meta=_is_metadata(operand)) if row.terminal in fit - _TIGHT)
    rows = [row for row in found if row.terminal not in _LOOSE or _leads(row, operand, goal)]
    if tight or not untested:
        rows = sorted([*rows, *tight], key=lambda row: (row.kind == "keyword") is untested)
    return tuple(rows)


def _without_operand(place: Place) -> tuple[Phrase, ...]:
    """Return what may stand where an expression begins, or after a test that is whole."""
    closing = [row for row in phrases_for(None, meta=True) if row.kind == "keyword"]
    if "NAME" in place.accepts:  # nothing is closed that is empty
        rows = [*OPENING, *(row for row in closing if row.terminal not in {"RPAR", "RBRACKET"})]
    else:
        rows = [*closing, OPENING[-1]]
    fit = place.accepts - _unfit_of_call(place) - _unfit_of_group(place, Operand("BOOLEAN"))
    return tuple(row for row in rows if row.terminal in fit)


def _is_metadata(operand: Operand) -> bool:
    return operand.field is not None and operand.field.qualifier == "meta"


def _tight_signs(place: Place) -> tuple[Phrase, ...]:
    """Return the signs that hold the last term of a sum together: of `now() - 2`, those that follow 2."""
    if not place.accepts & _TIGHT or place.ends_in_null():
        return ()
    term, goal = place.term()
    if goal.role in _BARE:
        return ()
    types = None if "COMPARE" in place.accepts and goal.is_condition else goal.types
    rows = phrases_for(term.type, meta=False) if term.type else ()
    return tuple(row for row in rows if row.terminal in _TIGHT & place.accepts and _leads(row, term, types))


def _leads(sign: Phrase, operand: Operand, goal: frozenset[str] | None) -> bool:
    """Whether what is wanted may be computed from an operand by a sign."""
    return goal is None or bool(goal & _RESULTS.get((sign.text, operand.type or ""), frozenset()))


def _unfit(place: Place, operand: Operand) -> frozenset[str]:
    """Return the terminals that the parser would take after an operand, and the binder would not."""
    if place.counts_rows():
        return place.accepts - {"WHERE", "RPAR"}
    unfit = {"WHERE"} | _unfit_of_call(place)
    if place.ends_in_null():
        return frozenset(unfit | _SIGNS | _unfit_of_group(place, Operand("BOOLEAN")))
    goal, untested = place.goal(), "COMPARE" in place.accepts
    if untested and goal.role in _BARE:
        unfit |= _TESTS | _JOINS | _SIGNS
    elif untested and not goal.is_condition:
        unfit |= _TESTS | _JOINS
    if untested and operand.type != "BOOLEAN":
        unfit |= _JOINS | {"ORDER_BY", "LIMIT"} | (_ENDS if place.condition_needed() else set())
    if not operand.fits(goal.types):
        unfit |= _ENDS if untested else _ENDS | _JOINS
    return frozenset(unfit | _unfit_of_group(place, operand if untested else Operand("BOOLEAN")))


def _unfit_of_call(place: Place) -> set[str]:
    """Return what cannot follow an argument, as the function takes more, or no more."""
    return {kind for kind, more in (("RPAR", 0), ("COMMA", 1)) if not place.takes(more)}


def _unfit_of_group(place: Place, first: Operand) -> set[str]:
    """Return what cannot follow the first thing in a bracket, which is a list only if it is a text."""
    around = place.around()
    if around is None:
        return set()
    if around.role == "vector":
        count = place.commas() + 1
        more = any(size is None or size > count for size in around.sizes)
        return (set() if more else {"COMMA"}) | (set() if count in around.sizes else {"RPAR", "RBRACKET"})
    if "RPAR" not in place.accepts or place.commas():
        return set()
    may_be_list = first.type == "STRING" and around.takes("LIST")
    closes = first.fits(None if around.types is None else around.types | around.also)
    if around.role == "list" and first.type == "STRING":  # a text that is written out is a list of one
        closes = first.is_text
    return (set() if may_be_list else {"COMMA"}) | (set() if closes else {"RPAR"})
