"""The syntax tree: what was written, untyped, each node with its `Span`.

Nothing here knows a schema. Nodes compare by what they say, not by where it stood: `span` is left out of `==` and
`hash`. The list of nodes is `filter-language.md` §11; its two nodes `Text` are `Text` (the operator) and `String` (the
literal) here.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, TypeAlias

from metaquery.errors import Span
from metaquery.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "And",
    "Arith",
    "Between",
    "Bool",
    "Call",
    "Compare",
    "Count",
    "Duration",
    "Expr",
    "Field",
    "Has",
    "In",
    "InCollection",
    "Instant",
    "Is",
    "IsInvalid",
    "IsMissing",
    "IsNull",
    "IsUnknown",
    "Like",
    "ListOf",
    "Matches",
    "Neg",
    "Node",
    "Not",
    "Null",
    "Number",
    "Or",
    "Parameter",
    "Period",
    "Quantified",
    "Saved",
    "SortKey",
    "String",
    "Text",
    "View",
    "Wkt",
    "children",
]

NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Node:
    """Anything that was written."""

    span: Span = field(default=NOWHERE, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Or(Node):
    """`a or b or …`; no argument is an `Or` itself."""

    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class And(Node):
    """`a and b and …`; no argument is an `And` itself."""

    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """`not a`, and every negated form: `x not in (…)`, `x is not v`, `x !~ p`."""

    arg: Expr


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`left op right`; op is one of `= != < <= > >=`."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`x between low and high`."""

    x: Expr
    low: Expr
    high: Expr


@dataclass(frozen=True, slots=True)
class In(Node):
    """`x in (items)`."""

    x: Expr
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Like(Node):
    """`x like pattern`, `x ilike pattern`."""

    x: Expr
    pattern: Expr
    ci: bool


@dataclass(frozen=True, slots=True)
class Matches(Node):
    """`x matches pattern`, `x ~ pattern`, `x imatches pattern`."""

    x: Expr
    pattern: Expr
    ci: bool


@dataclass(frozen=True, slots=True)
class Text(Node):
    """`x contains y`, `x starts with y`, `x ends with y`; with `ci` the i-forms."""

    kind: str
    x: Expr
    y: Expr
    ci: bool


@dataclass(frozen=True, slots=True)
class Has(Node):
    """`x has item` (kind `has`), `x has any (items)` (kinds `any`, `all`, `only`, `none`)."""

    kind: str
    x: Expr
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class IsNull(Node):
    """`x is null`; `x is known`, `has x` and `exists(x)` are `Not` of it."""

    x: Expr


@dataclass(frozen=True, slots=True)
class IsMissing(Node):
    """`x is missing`: the key is absent or JSON null."""

    x: Expr


@dataclass(frozen=True, slots=True)
class IsInvalid(Node):
    """`x is invalid`: a value is there that does not fit the type."""

    x: Expr


@dataclass(frozen=True, slots=True)
class Is(Node):
    """`x is v`, `x is not distinct from v`: as `=`, but never unknown."""

    x: Expr
    v: Expr


@dataclass(frozen=True, slots=True)
class IsUnknown(Node):
    """`(p) is unknown`, of an expression; of a bare field it is `IsNull`."""

    p: Expr


@dataclass(frozen=True, slots=True)
class InCollection(Node):
    """`in collection 'a'`, `in collection ('a', 'b')`; no parameter once it is bound."""

    names: tuple[String | Parameter, ...]


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """`any label(p)`, `no prediction`, `every label(p)`."""

    which: str
    relation: str
    p: Expr | None


@dataclass(frozen=True, slots=True)
class Count(Node):
    """`count(label where p)`, `count(label)`; `relation` as written, but singular: it may be no relation."""

    relation: str
    p: Expr | None


@dataclass(frozen=True, slots=True)
class Arith(Node):
    """`left op right`; op is one of `+ - * / % div ^`."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Neg(Node):
    """`-arg`; a sign `+` leaves no node."""

    arg: Expr


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`name(args)`; the name in lower case."""

    name: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Field(Node):
    """A name. `quoted` only where it decides: `"meta.title"` is a whole name, `meta.title` may be a qualified one."""

    qualifier: str | None
    name: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number; `digits` is the count of digits of an unsigned integer as written (`2023` may be a year)."""

    value: float
    digits: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class String(Node):
    """A text in `'…'` or `E'…'`; `untyped` where it was given as a text for want of types, on a command line."""

    value: str
    untyped: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Bool(Node):
    """`true`, `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Null(Node):
    """`null`; only `is null` may have it, and that is `IsNull`."""


@dataclass(frozen=True, slots=True)
class Instant(Node):
    """A date-time: microseconds since 1970 in UTC, or on the local clock where no zone was written."""

    micros: int
    zoned: bool


@dataclass(frozen=True, slots=True)
class Period(Node):
    """A day (`day` 1 to 31) or a month (`day` 0)."""

    year: int
    month: int
    day: int = 0


@dataclass(frozen=True, slots=True)
class Duration(Node):
    """`7d`, `1.5h`, `3mo`."""

    amount: float
    unit: str


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """`(a, b)`, `[a]`, `[]`, `()`; never `(a)`."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Wkt(Node):
    """`POINT(2.35 48.85)`: a geometry as nested tuples of numbers."""

    tag: str
    body: WktBody


@dataclass(frozen=True, slots=True)
class Saved(Node):
    """`@name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """`:name`: a value that is given beside the text; `many` where it is all of a list: `x in :names`."""

    name: str
    many: bool = False


WktBody: TypeAlias = "tuple[tuple[float, ...] | WktBody, ...]"

Expr: TypeAlias = (
    Or | And | Not | Compare | Between | In | Like | Matches | Text | Has | IsNull | IsMissing | IsInvalid | Is
    | IsUnknown | InCollection | Quantified | Count | Arith | Neg | Call | Field | Number | String | Bool | Null
    | Instant | Period | Duration | ListOf | Wkt | Saved | Parameter
)  # fmt: skip
"""Every node that may stand in a filter."""


@dataclass(frozen=True, slots=True)
class SortKey(Node):
    """`key desc nulls first`."""

    key: Expr
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True, slots=True)
class View(Node):
    """A filter, an order and a limit, each optional."""

    where: Expr | None
    order: tuple[SortKey, ...] = ()
    limit: int | None = None


_PARTS: dict[type[Node], tuple[str, ...]] = {}


def children(node: Node) -> Iterator[Expr]:
    """Yield the expressions that `node` is made of, in the order of the text."""
    names = _PARTS.get(type(node))
    if names is None:
        written: tuple[str, ...] = type(node).__match_args__
        names = _PARTS[type(node)] = tuple(name for name in written if name != "body")
    for name in names:
        part = getattr(node, name)
        if isinstance(part, tuple):
            yield from part
        elif isinstance(part, Node):
            yield part  # type: ignore[misc]  # a part that is a node is an expression
