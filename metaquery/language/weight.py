"""How large the SQL of a bound filter will be: a test that repeats its operand doubles all that is inside of it.

`x between a and b` is `x >= a AND x <= b`. Where `x` is a field that costs nothing; where `x` counts rows that are
themselves tested so, level in level, the text doubles at each. Such a filter is refused before it is written.
"""

from __future__ import annotations

from metaquery.errors import FilterLimitError, Span
from metaquery.language import query
from metaquery.language.limits import NODES
from metaquery.language.query import Constant, Value, parts

__all__ = ["check_weight"]

_MOST = 4 * NODES


def check_weight(node: Value, source: str) -> None:
    """Refuse a filter whose SQL would be out of proportion to it.

    Raises
    ------
    FilterLimitError
        Written out, it has more than 200,000 fields, values and operators.
    """
    if _weight(node) > _MOST:
        message = f"written out, the filter has more than {_MOST:,} fields, values and operators"
        hint = "what stands before between or in is repeated, level in level: compare it with >= and <= once"
        raise FilterLimitError("too-complex", message, source, Span(0, len(source)), hint)


def _weight(node: Value) -> int:
    """Return the nodes that a node is written as; binding has bounded how deep it is."""
    inner = [_weight(part) for part in parts(node)]
    return 1 + sum(inner) + (_repeats(node) * inner[0] if inner else 0)


def _alone(item: Value) -> bool:
    """Whether an item of a list is a comparison of its own."""
    return not isinstance(item, Constant) or item.type == "PERIOD"


def _repeats(node: Value) -> int:
    """Return how often the first operand of a test is written beyond once."""
    match node:
        case query.Between():
            return 1
        case query.In():
            items = [2 if item.type == "PERIOD" else 1 for item in node.items if _alone(item)]
            return sum(items)
        case query.Compare(op="=" | "!=", right=Constant(type="PERIOD")):
            return 1
        case _:
            return 0
