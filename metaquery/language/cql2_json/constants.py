"""Constants → CQL2-JSON: by their value, or as they were written where that says more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.language import syntax
from metaquery.language.cql2_json.forms import Json, called, chain, operation, timestamp
from metaquery.language.moments import FIRST, LAST, read_moment
from metaquery.language.printing import to_text
from metaquery.language.query import Constant, PeriodValue

if TYPE_CHECKING:
    from metaquery.language.syntax import Expr

__all__ = ["constant"]


def constant(node: Constant) -> Json:  # noqa: PLR0911  # one case a type
    """Write a constant by its value; as it was written where that may change (`now()`), or JSON has no such value."""
    if _moves(node.written):
        return _written(node.written)
    match node.value:
        case PeriodValue(unit="day") as day:
            return {"date": f"{day.year:04d}-{day.month:02d}-{day.day:02d}"}
        case PeriodValue(unit="month", day=1) as month:
            return operation("mq_period", f"{month.year:04d}-{month.month:02d}")
        case PeriodValue(unit="year", month=1, day=1) as year:
            return operation("mq_period", f"{year.year:04d}")
        case int() as micros if node.type == "DATETIME" and FIRST <= micros < LAST:
            return timestamp(micros)
        case bool() | int() | float() | str() as value if node.type != "DATETIME":
            return value
        case tuple() as numbers:
            return _numbers(node.type, numbers)
        case _:
            return _written(node.written)


def _numbers(type_: str, numbers: tuple[float, ...]) -> Json:
    """Write a point, a box or a vector; whole numbers as such."""
    plain = [int(n) if n.is_integer() and abs(n) <= 2**53 else n for n in numbers]
    match type_:
        case "POINT":
            return {"type": "Point", "coordinates": plain}
        case "BBOX":
            return {"bbox": plain}
        case _:
            return list(plain)


def _moves(node: Expr) -> bool:
    """Whether a constant is another one tomorrow."""
    waiting: list[Expr] = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, syntax.Call) and part.name in {"now", "today"}:
            return True
        waiting.extend(syntax.children(part))
    return False


def _written(node: Expr) -> Json:  # noqa: C901, PLR0911, PLR0912  # one case a node
    """Write a constant expression as it stands."""
    match node:
        case syntax.Compare():
            return operation("<>" if node.op == "!=" else node.op, _written(node.left), _written(node.right))
        case syntax.Is():
            return operation("mq_is", _written(node.x), _written(node.v))
        case syntax.In():
            return operation("in", _written(node.x), [_written(item) for item in node.items])
        case syntax.Arith():
            return _written_chain(node)
        case syntax.Neg(arg=syntax.Number() as number):
            return -number.value
        case syntax.Neg():
            return operation("*", -1, _written(node.arg))
        case syntax.Call(name="timestamp" | "date", args=(syntax.String() as text,)):
            return _written_moment(text.value.strip())
        case syntax.Call(name="duration", args=(syntax.String() as text,)):
            return operation("mq_duration", text.value.strip())
        case syntax.Call():
            return called(node.name, *[_written(arg) for arg in node.args])
        case syntax.Duration():
            return operation("mq_duration", to_text(node))
        case syntax.Instant():
            return timestamp(node.micros, zoned=node.zoned)
        case syntax.Period(day=0):
            return operation("mq_period", to_text(node))
        case syntax.Period():
            return {"date": to_text(node)}
        case syntax.Number() if node.digits in {4, 8}:
            return node.value if len(str(node.value)) == node.digits else to_text(node)
        case syntax.Number() | syntax.String() | syntax.Bool():
            return node.value
        case _:
            raise AssertionError(node)


def _written_chain(node: syntax.Arith) -> Json:
    steps: list[tuple[str, Json]] = []
    left: Expr = node
    while isinstance(left, syntax.Arith):
        steps.append((left.op, _written(left.right)))
        left = left.left
    return chain(_written(left), steps[::-1])


def _written_moment(text: str) -> Json:
    """Write what `date('…')` or `timestamp('…')` is, which has been checked."""
    found = read_moment(f"{text[:4]}-{text[4:6]}-{text[6:]}" if text.isdecimal() else text)
    if found is None:
        raise AssertionError(text)
    return _written(found)
