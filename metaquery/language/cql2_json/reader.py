"""CQL2-JSON → syntax tree, without recursion: whoever sends a document chooses how deep it is."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from metaquery.language import syntax
from metaquery.language.cql2_json.document import Document, Place, shown
from metaquery.language.cql2_json.operations import CALLS, OPERATIONS, PRECEDENCE, WITHOUT_OPERATOR, Operation
from metaquery.language.limits import CHAIN, DEPTH, ITEMS, LENGTH_BYTES, NODES
from metaquery.language.literals import field_of, nfc
from metaquery.language.moments import read_moment
from metaquery.language.printing import name_text
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from collections.abc import Callable

    from metaquery.language.syntax import Expr

__all__ = ["from_cql2_json"]

_NEVER = re.compile("[\x00\ud800-\udfff]")
_QUALIFIED = re.compile(r'(meta|unit|label|prediction)\."((?:[^"]|"")*)"', re.DOTALL)

_FORMS = 'an expression is a value, an array, {"property": …}, {"op": …, "args": […]}, {"date": …}, {"timestamp": …}, …'

_MEANT = {"!=": "<>", "==": "=", "eq": "=", "neq": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
"""Operators of other languages and of drafts of CQL2."""

_DEEP = {"Point": 0, "LineString": 1, "MultiPoint": 1, "Polygon": 2, "MultiLineString": 2, "MultiPolygon": 3}
"""How many arrays stand around the positions of a geometry of GeoJSON."""


@dataclass(slots=True)
class _Frame:
    """An operation or array that is being read.

    Attributes
    ----------
    build
        Makes the node of its parts.
    parts
        The parts, as in the document.
    place
        What the parts are elements of.
    level
        Levels of the tree around the parts.
    op
        The operator; empty for an array.
    chain
        How many operators of arithmetic of one precedence have this one as their left side, and it.
    seen
        How many parts have been opened.
    done
        The nodes of the parts; an `and` in an `and` adds to those of the outer one.
    inner
        Whether it is such an `and`, or an `or` in an `or`.
    """

    build: Callable[[tuple[Expr, ...]], Expr]
    parts: list[Any]
    place: Place
    level: int
    op: str = ""
    chain: int = 1
    seen: int = 0
    done: list[Expr] = field(default_factory=list)
    inner: bool = False


def from_cql2_json(document: Any) -> Expr:
    """Read a filter from CQL2-JSON.

    Parameters
    ----------
    document
        What `json.loads` returned.

    Returns
    -------
    Expr
        What `parse` would return for the same filter as text. For errors of `bind` with their place, bind the text:
        `compile_filter(to_text(expr), …)`.

    Raises
    ------
    FilterSyntaxError, FilterTypeError
        It is no filter in CQL2-JSON; the message says where, as a JSON path.
    UnknownField
        An operator or function that is neither CQL2's nor one of ours (`mq_…`).
    FilterLimitError
        It is too long, too deep, or has too many parts.
    """
    whole = Document(document)
    if not isinstance(document, dict | bool):
        hint = "it is an object; in Python, json.loads makes one of a text" if isinstance(document, str) else _FORMS
        raise whole.error("unexpected-token", f"{shown(document)} is no filter", Place(), hint)
    return _Reader(whole).read()


class _Reader:
    """Reads one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.nodes = 0
        self.length = 0

    def read(self) -> Expr:
        """Return the tree of the whole document."""
        opened = self._open(self.document.root, Place(), 1, 1)
        if not isinstance(opened, _Frame):
            return self._no_geometry(opened, Place())
        stack = [opened]
        while True:
            frame = stack[-1]
            if frame.seen < len(frame.parts):
                frame.seen += 1
                opened = self._part(frame, frame.seen - 1)
                if isinstance(opened, _Frame):
                    stack.append(opened)
                else:
                    frame.done.append(opened)
                continue
            stack.pop()
            if frame.inner:
                continue
            built = frame.build(tuple(frame.done))
            if not stack:
                return built
            stack[-1].done.append(built)

    def _part(self, frame: _Frame, index: int) -> Expr | _Frame:
        """Open a part; `and` in `and`, and the left side of a chain, are no level of their own."""
        part, place = frame.parts[index], frame.place.at(index)
        op = part.get("op") if isinstance(part, dict) and isinstance(part.get("op"), str) else None
        if op in {"and", "or"} and op == frame.op:
            opened = self._open(part, place, frame.level, 1)
            if isinstance(opened, _Frame):
                opened.done, opened.inner = frame.done, True
            return opened
        chains = op in PRECEDENCE and op != "^" and index == 0 and PRECEDENCE[op] == PRECEDENCE.get(frame.op)
        if not chains:
            opened = self._open(part, place, frame.level + 1, 1)
            return opened if frame.op in CALLS or isinstance(opened, _Frame) else self._no_geometry(opened, place)
        if frame.chain >= CHAIN:
            message = f"more than {CHAIN} operators in one chain"
            raise self.document.error("too-complex", message, place, "put parts into each other")
        return self._open(part, place, frame.level, frame.chain + 1)

    def _no_geometry(self, node: Expr, place: Place) -> Expr:
        """Refuse a geometry where none can stand: the text of a filter has them in calls alone."""
        if isinstance(node, syntax.Wkt):
            hint = "geometries stand in s_intersects, s_within, s_disjoint and mq_distance"
            raise self.document.error("bad-arguments", "a geometry does not fit here", place, hint)
        return node

    def _open(self, value: Any, place: Place, level: int, chain: int) -> Expr | _Frame:
        self.nodes += 1
        if self.nodes > NODES:
            message = f"the filter has more than {NODES:,} fields, values and operators"
            hint = "long lists of ids are better kept as a Collection"
            raise self.document.error("too-complex", message, place, hint)
        if level > DEPTH:
            message = f"operators stand more than {DEPTH} deep in each other"
            raise self.document.error("too-deep", message, place, "write it flatter")
        match value:
            case bool():
                return syntax.Bool(value)
            case int() | float():
                return self._number(value, place)
            case str():
                return syntax.String(self._text(value, place))
            case None:
                return syntax.Null()
            case list():
                return self._array(value, place, level)
            case dict():
                return self._object(value, place, level, chain)
            case _:
                hint = "JSON has objects, arrays, texts, numbers, true, false and null"
                raise self.document.error("unexpected-token", f"{shown(value)} is nothing of JSON", place, hint)

    def _number(self, value: float, place: Place) -> Expr:
        try:
            size = abs(float(value))
        except OverflowError:
            size = math.inf
        if not math.isfinite(size):
            hint = "the largest number is about 1.8e308"
            raise self.document.error("number-range", f"{shown(value)} is no finite number", place, hint)
        digits = len(str(value)) if isinstance(value, int) and 0 <= value < 10**15 else 0
        exact = int(size) if size.is_integer() and size <= 2**53 else size
        return syntax.Neg(syntax.Number(exact)) if value < 0 else syntax.Number(exact, digits)

    def _text(self, value: str, place: Place) -> str:
        self.length += len(value)
        if self.length > LENGTH_BYTES:
            message = f"the texts have more than {LENGTH_BYTES:,} characters"
            hint = "long lists of ids are better kept as a Collection"
            raise self.document.error("too-long", message, place, hint)
        never = _NEVER.search(value)
        if never:
            message = f"a filter cannot have the character U+{ord(never[0]):04X}"
            raise self.document.error("bad-character", message, place, "leave it out")
        return nfc(value)

    def _array(self, items: list[Any], place: Place, level: int) -> _Frame:
        if len(items) > ITEMS:
            message = f"the array has {len(items):,} items, more than {ITEMS:,}"
            hint = 'keep the ids as a Collection: {"op": "mq_in_collection", "args": ["name"]}'
            raise self.document.error("too-many-items", message, place, hint)
        return _Frame(syntax.ListOf, items, place, level)

    def _object(self, value: dict[Any, Any], place: Place, level: int, chain: int) -> Expr | _Frame:  # noqa: PLR0911  # one case a form
        match value:
            case {"op": op, **rest} if not rest.keys() - {"args"}:
                return self._operation(op, value.get("args"), place, level, chain)
            case {"property": str(name), **rest} if not rest:
                return self._property(self._text(name, place.at("property")))
            case {"date": str(text), **rest} if not rest:
                return self._moment(text, place.at("date"), syntax.Period)
            case {"timestamp": str(text), **rest} if not rest:
                return self._moment(text, place.at("timestamp"), syntax.Instant)
            case {"interval": [_, _] as ends, **rest} if not rest:
                inside = place.at("interval")
                return _Frame(lambda parts: self._interval(parts, inside), ends, inside, level)
            case {"type": str(shape), "coordinates": list(positions)} if shape in _DEEP:
                return self._geometry(shape, positions, place)
            case {"bbox": list(edges), **rest} if not rest and len(edges) in {4, 6}:
                inside = place.at("bbox")
                return syntax.Wkt("BBOX", tuple([(self._coordinate(n, inside.at(i)),) for i, n in enumerate(edges)]))
            case _:
                raise self._no_form(value, place)

    def _no_form(self, value: dict[Any, Any], place: Place) -> Exception:
        hint = _FORMS
        if len(value) == 1:
            name = str(next(iter(value)))
            meant = name if name in OPERATIONS else _MEANT.get(name)
            if meant is not None:
                hint = f"write {OPERATIONS[meant].form}"
        elif "type" in value:
            hint = f"geometries are {', '.join(_DEEP)} with coordinates"
        return self.document.error("unexpected-token", f"{shown(value)} is no expression", place, hint)

    def _operation(self, op: Any, args: Any, place: Place, level: int, chain: int) -> _Frame:
        row = OPERATIONS.get(op) if isinstance(op, str) else None
        if row is None:
            raise self._unknown(op, place.at("op"))
        if not isinstance(args, list):
            message = f"{op} has no array of arguments"
            raise self.document.error("bad-arguments", message, place, f"write {row.form}")
        if len(args) < row.fewest or (row.most is not None and len(args) > row.most):
            message = f"{op} does not take {len(args)} argument{'s' * (len(args) != 1)}"
            raise self.document.error("bad-arguments", message, place.at("args"), f"write {row.form}")
        document = self.document
        return _Frame(
            lambda parts: row.build(Operation(row.name, parts, place, document)),
            args,
            place.at("args"),
            level,
            row.name,
            chain,
        )

    def _unknown(self, op: Any, place: Place) -> Exception:
        if not isinstance(op, str):
            return self.document.error("unexpected-token", f"{shown(op)} is no operator", place, "op is a text")
        plain = op.removeprefix("mq_").lower()
        own = f"mq_{plain}"
        meant: tuple[str, ...] = (_MEANT[op],) if op in _MEANT else ()
        if plain in WITHOUT_OPERATOR:
            hint = f"write {WITHOUT_OPERATOR[plain]}"
        else:
            meant = meant or ((own,) if own in OPERATIONS else similar(op[:64], OPERATIONS))
            hint = f"did you mean {' or '.join(meant)}?" if meant else "it takes CQL2's operators, and ours: mq_…"
        return self.document.error("unknown-function", f"unknown operator {shown(op)}", place, hint, meant)

    def _property(self, name: str) -> syntax.Field:
        qualified = _QUALIFIED.fullmatch(name)
        if qualified is None:
            return field_of(name_text(name), syntax.NOWHERE)
        return syntax.Field(qualified[1], qualified[2].replace('""', '"'))

    def _moment(
        self, text: str, place: Place, wanted: type[syntax.Period | syntax.Instant]
    ) -> syntax.Period | syntax.Instant:
        try:
            found = read_moment(text)
        except ValueError:
            found = None
        if not isinstance(found, wanted) or (isinstance(found, syntax.Period) and not found.day):
            what = "day" if wanted is syntax.Period else "date and time"
            hint = "a day is written 2023-01-31, a date and time 2023-01-31T10:00:00Z"
            raise self.document.error("bad-datetime", f"{shown(text)} is no {what}", place, hint)
        return found

    def _interval(self, ends: tuple[Expr, ...], place: Place) -> syntax.Call:
        found: list[Expr] = []
        for index, end in enumerate(ends):
            if isinstance(end, syntax.String) and end.value != "..":
                kind = syntax.Instant if len(end.value) > 10 else syntax.Period
                found.append(self._moment(end.value, place.at(index), kind))
            else:
                found.append(end)
        return syntax.Call("interval", tuple(found))

    def _geometry(self, shape: str, positions: list[Any], place: Place) -> syntax.Wkt:
        inside = place.at("coordinates")
        if shape == "Point":
            return syntax.Wkt("POINT", (self._position(positions, inside),))
        return syntax.Wkt(shape.upper(), self._positions(positions, _DEEP[shape], inside))

    def _positions(self, parts: Any, depth: int, place: Place) -> syntax.WktBody:
        if not isinstance(parts, list) or not parts:
            hint = "coordinates are as in GeoJSON"
            raise self.document.error("bad-geometry", f"here are no positions but {shown(parts)}", place, hint)
        if depth == 1:
            return tuple([self._position(part, place.at(i)) for i, part in enumerate(parts)])
        return tuple([self._positions(part, depth - 1, place.at(i)) for i, part in enumerate(parts)])

    def _position(self, numbers: Any, place: Place) -> tuple[float, ...]:
        if not isinstance(numbers, list) or not 2 <= len(numbers) <= 3:
            hint = "a position is [longitude, latitude]"
            raise self.document.error("bad-geometry", f"{shown(numbers)} is no position", place, hint)
        return tuple([self._coordinate(number, place.at(i)) for i, number in enumerate(numbers)])

    def _coordinate(self, number: Any, place: Place) -> float:
        self.nodes += 1
        if self.nodes > NODES:
            message = f"the filter has more than {NODES:,} fields, values and operators"
            raise self.document.error("too-complex", message, place)
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise self.document.error("bad-geometry", f"{shown(number)} is no coordinate", place)
        try:
            found = float(number)
        except OverflowError:
            found = math.inf
        if not math.isfinite(found):
            raise self.document.error("number-range", f"{shown(number)} is no finite number", place)
        return found
