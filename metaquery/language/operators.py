"""`OPERATORS`: one row an operator: how it is written, what it takes. The types of arithmetic are `ARITHMETIC`."""

from __future__ import annotations

from metaquery.frozen import dataclass

__all__ = ["ARITHMETIC", "OPERATORS", "Operator", "an", "family"]


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator between a value and something else.

    Attributes
    ----------
    token
        As canonical text writes it.
    takes
        Families of types that it compares; both sides are of one family.
    verb
        What a message says it does: `cannot <verb> …`.
    mirror
        The operator that means the same with its sides exchanged.
    """

    token: str
    takes: frozenset[str]
    verb: str
    mirror: str = ""


_ORDERED = frozenset({"NUMBER", "STRING", "BOOLEAN", "DATETIME", "UUID", "DURATION", "PERIOD"})
_EQUAL = _ORDERED | {"LIST"}
_TEXT = frozenset({"STRING"})

OPERATORS: dict[str, Operator] = {
    row.token: row
    for row in (
        Operator("=", _EQUAL, "compare", "="),
        Operator("!=", _EQUAL, "compare", "!="),
        Operator("<", _ORDERED, "compare", ">"),
        Operator("<=", _ORDERED, "compare", ">="),
        Operator(">", _ORDERED, "compare", "<"),
        Operator(">=", _ORDERED, "compare", "<="),
        Operator("between", _ORDERED, "compare"),
        Operator("in", _EQUAL, "compare"),
        Operator("is", _EQUAL, "compare"),
        Operator("like", _TEXT, "match"),
        Operator("matches", _TEXT, "match"),
        Operator("contains", _TEXT, "search"),
        Operator("starts with", _TEXT, "search"),
        Operator("ends with", _TEXT, "search"),
        Operator("has", frozenset({"LIST"}), "look into"),
    )
}
"""Every operator that makes a condition, by its canonical word."""

ARITHMETIC: dict[tuple[str, str, str], str] = {
    **{(op, "NUMBER", "NUMBER"): "NUMBER" for op in ("+", "-", "*", "/", "%", "div", "^")},
    ("+", "DATETIME", "DURATION"): "DATETIME",
    ("-", "DATETIME", "DURATION"): "DATETIME",
    ("+", "DURATION", "DATETIME"): "DATETIME",
    ("-", "DATETIME", "DATETIME"): "DURATION",
    ("+", "PERIOD", "DURATION"): "PERIOD",
    ("-", "PERIOD", "DURATION"): "PERIOD",
    ("+", "DURATION", "PERIOD"): "PERIOD",
    ("-", "PERIOD", "DATETIME"): "DURATION",
    ("-", "DATETIME", "PERIOD"): "DURATION",
    ("-", "PERIOD", "PERIOD"): "DURATION",
    ("+", "DURATION", "DURATION"): "DURATION",
    ("-", "DURATION", "DURATION"): "DURATION",
    ("*", "DURATION", "NUMBER"): "DURATION",
    ("*", "NUMBER", "DURATION"): "DURATION",
    ("/", "DURATION", "NUMBER"): "DURATION",
}
"""(operator, left, right) → type of the result; what is not here is a `type-mismatch`."""


def family(type_: str) -> str:
    """Return the type that `type_` compares as: an ENUM is a STRING."""
    return "STRING" if type_ == "ENUM" else type_


def an(type_: str) -> str:
    """Return a type with its article."""
    return f"an {type_}" if type_[0] in "AEIO" else f"a {type_}"
