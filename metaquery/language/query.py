"""What is meant: typed, checked nodes, and `Query`. Plain data: frozen, hashable, the same for every engine.

Only `bind` makes these, so whoever holds a `Predicate` holds a checked one. `written` on a node is the syntax it came
from, put into canonical form; it takes no part in `==`.
"""

from __future__ import annotations

from dataclasses import field as part
from typing import TYPE_CHECKING, Any, TypeAlias

from metaquery.frozen import dataclass

if TYPE_CHECKING:
    from metaquery.language import syntax
    from metaquery.schema import Field, Relation

__all__ = [
    "And", "Arith", "Between", "Column", "Compare", "Constant", "Count", "Function", "Has", "In",
    "InCollection", "Interval", "Is", "IsInvalid", "IsMissing", "IsNull", "Length", "Like", "ListOf", "Matches",
    "Negative", "Not", "Or", "PeriodValue", "Predicate", "Quantified", "Query", "Raw", "SortKey", "Start",
    "Step", "Temporal", "Text", "Value", "parts", "walk",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class PeriodValue:
    """A day, month or year on the calendar, and its bounds in UTC: microseconds since 1970, half-open."""

    unit: str
    year: int
    month: int
    day: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Length:
    """A duration: calendar years and months, and microseconds."""

    years: int
    months: int
    micros: float

    @property
    def total(self) -> float:
        """Microseconds, a month counted as 30 days and a year as 365 (§5.5)."""
        return self.micros + (self.months * 30 + self.years * 365) * 86_400_000_000


Scalar: TypeAlias = "float | str | bool | PeriodValue | Length | tuple[float, ...] | None"


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the row, of its unit, or of the row that a quantifier goes over."""

    field: Field
    written: syntax.Field = part(compare=False)

    @property
    def type(self) -> str:
        """Name of the type."""
        return self.field.type


@dataclass(frozen=True, slots=True)
class Constant:
    """A value known at bind: `now() - 7d` is one.

    DATETIME: microseconds since 1970 in UTC. UUID: text in lower case. POINT: longitude and latitude. BBOX: west,
    south, east, north. VECTOR: its elements. None where an operation has no result.
    """

    type: str
    value: Scalar
    written: syntax.Expr = part(compare=False)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of texts."""

    items: tuple[Value, ...]
    type: str = "LIST"


@dataclass(frozen=True, slots=True)
class Step:
    """`… op right`; `type` is that of the result: NUMBER, DATETIME or DURATION."""

    op: str
    right: Value
    type: str


@dataclass(frozen=True, slots=True)
class Arith:
    """`first op right op right …`, one step after the other: a chain of 500 does not nest."""

    first: Value
    steps: tuple[Step, ...]

    @property
    def type(self) -> str:
        """Name of the type."""
        return self.steps[-1].type


@dataclass(frozen=True, slots=True)
class Negative:
    """`-arg`."""

    arg: Value
    type: str


@dataclass(frozen=True, slots=True)
class Function:
    """`name(args)`, a row of `FUNCTIONS`."""

    name: str
    args: tuple[Value, ...]
    type: str
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """The instant at which a day begins that differs from row to row, `date(x)`."""

    day: Value
    type: str = "DATETIME"


@dataclass(frozen=True, slots=True)
class Interval:
    """`interval(start, end)`, ends included; None is an open end. Stands in `Temporal` only."""

    start: Value | None
    end: Value | None
    type: str = "INTERVAL"


@dataclass(frozen=True, slots=True)
class Raw:
    """`raw(f)`: the JSON text of an invalid value."""

    column: Column
    type: str = "STRING"


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows of `relation`, of the same unit, have `where` true."""

    relation: Relation
    where: Predicate | None
    type: str = "NUMBER"


class Truth:
    """Base of the nodes that are true, false or unknown."""

    __slots__ = ()

    @property
    def type(self) -> str:
        """`BOOLEAN`."""
        return "BOOLEAN"


@dataclass(frozen=True, slots=True)
class Or(Truth):
    """Kleene's or."""

    args: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class And(Truth):
    """Kleene's and."""

    args: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Not(Truth):
    """Kleene's not."""

    arg: Predicate


@dataclass(frozen=True, slots=True)
class Compare(Truth):
    """`left op right`, of one type; or a DATETIME (left) with a PERIOD (right)."""

    op: str
    left: Value
    right: Value


@dataclass(frozen=True, slots=True)
class Between(Truth):
    """`low <= x <= high`; the bounds of a DATETIME may be periods."""

    x: Value
    low: Value
    high: Value


@dataclass(frozen=True, slots=True)
class In(Truth):
    """`x` equals one of `items`."""

    x: Value
    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Like(Truth):
    """`x` has the form of `pattern`, as written."""

    x: Value
    pattern: Value
    ci: bool


@dataclass(frozen=True, slots=True)
class Matches(Truth):
    """RE2 finds `pattern` in `x`."""

    x: Value
    pattern: Constant
    ci: bool


@dataclass(frozen=True, slots=True)
class Text(Truth):
    """`x` contains, starts with, ends with `y`."""

    kind: str
    x: Value
    y: Value
    ci: bool


@dataclass(frozen=True, slots=True)
class Has(Truth):
    """A list and the items that are looked for in it."""

    kind: str
    x: Value
    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class IsNull(Truth):
    """There is no usable value."""

    x: Value


@dataclass(frozen=True, slots=True)
class IsMissing(Truth):
    """The key is absent or JSON null."""

    column: Column


@dataclass(frozen=True, slots=True)
class IsInvalid(Truth):
    """A value is there that does not fit the type."""

    column: Column


@dataclass(frozen=True, slots=True)
class Is(Truth):
    """As `=`, but never unknown; `v` may be a PERIOD."""

    x: Value
    v: Value


@dataclass(frozen=True, slots=True)
class Temporal(Truth):
    """`name(left, right)`, one of the functions `t_…`, and the comparisons of ends that it stands for."""

    name: str
    left: Value
    right: Value
    meaning: Predicate


@dataclass(frozen=True, slots=True)
class InCollection(Truth):
    """The row's unit is in one of the collections."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quantified(Truth):
    """Some, no or every row of `relation`, of the same unit, has `where` true."""

    which: str
    relation: Relation
    where: Predicate | None


Value: TypeAlias = (
    "Column | Constant | ListOf | Arith | Negative | Function | Start | Interval | Raw | Count | Or | And | Not "
    "| Compare | Between | In | Like | Matches | Text | Has | IsNull | IsMissing | IsInvalid | Is | Temporal "
    "| InCollection | Quantified"
)
"""Everything with a type."""

Predicate: TypeAlias = Value
"""A `Value` of type BOOLEAN: true, false or unknown for each row."""


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of an order."""

    key: Value
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """Which rows of a relation, in which order, how many.

    Attributes
    ----------
    relation
        What it selects rows of.
    where
        None selects every row.
    order
        Keys before the relation's own, which break ties.
    limit
        Rows at most; None is all.
    source
        The text that it was compiled from; takes no part in `==`.
    """

    relation: Relation
    where: Predicate | None = None
    order: tuple[SortKey, ...] = ()
    limit: int | None = None
    source: str = part(default="", compare=False)


_FIELDS: dict[type, tuple[str, ...]] = {}


def parts(node: Value) -> tuple[Value, ...]:
    """Return the values that a node is made of, in order; a quantifier's condition is one of them."""
    names = _FIELDS.get(type(node))
    if names is None:
        names = _FIELDS[type(node)] = tuple([name for name in node.__match_args__ if name not in _NO_PARTS])
    found: list[Any] = []
    for name in names:
        part_ = getattr(node, name)
        found.extend(part_ if isinstance(part_, tuple) else (part_,))
    values = [item.right if isinstance(item, Step) else item for item in found]
    return tuple([value for value in values if hasattr(value, "type") and not isinstance(value, str)])


def walk(value: Value) -> list[Value]:
    """Return a value and all that it is made of."""
    found, waiting = [], [value]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting.extend(parts(node))
    return found


_NO_PARTS = frozenset({"field", "written", "value", "type", "names", "relation"})
