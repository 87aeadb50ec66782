"""`SpatialCalls`: binds points and boxes, `s_intersects` and its kin, `distance`; and the distances of vectors.

A box whose west lies east of its east crosses the antimeridian. Bounds belong to it. Longitude comes first, as in WKT.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.errors import FilterTypeError
from metaquery.language import query, syntax
from metaquery.language.calls import Calls
from metaquery.language.query import Column, Constant, Value

if TYPE_CHECKING:
    from metaquery.language.functions import FunctionRow
    from metaquery.language.syntax import Expr

__all__ = ["SpatialCalls"]

_FORMS = {"POINT": "POINT(2.35 48.85), longitude first", "BBOX": "BBOX(west, south, east, north)"}


class SpatialCalls(Calls):
    """Binds calls that take points or vectors."""

    __slots__ = ()

    def _bind_coordinate(self, row: FunctionRow, node: syntax.Call) -> Value:
        return query.Function(row.name, (self._point(row, node.args[0]),), "NUMBER")

    def _bind_spatial(self, row: FunctionRow, node: syntax.Call) -> Value:
        """Bind a function of a point of the row and another geometry; the row's point is put first."""
        geometries = [self._geometry(row, arg) for arg in node.args]
        x, other = geometries
        if not isinstance(x, Column):
            x, other = other, x
        if not isinstance(x, Column):
            raise self.misused(row, f"{row.name} takes a field that is a POINT", node)
        if other.type == "BBOX" and row.name == "distance":
            place = geometries.index(other)
            raise self.misused(row, f"{row.name} is between points", node.args[place])
        if other.type == "BBOX" and row.name == "s_within" and geometries[0] is other:
            raise self.misused(row, "a box is not within a point", node.args[0])
        return query.Function(row.name, (x, other), row.gives)

    def _geometry(self, row: FunctionRow, arg: Expr) -> Value:
        if not isinstance(arg, syntax.Wkt):
            return self._point(row, arg)
        if arg.tag not in _FORMS:
            raise self.unknown(arg.tag, arg.span, "geometries are POINT and BBOX")
        shape = {"POINT": [2], "BBOX": [1, 1, 1, 1]}[arg.tag]
        numbers = [part for item in arg.body for part in item if isinstance(part, float)]
        if [len(item) for item in arg.body] != shape or len(numbers) != sum(shape):
            raise self._bad(arg, f"this is no {arg.tag}")
        if any(abs(longitude) > 180 for longitude in numbers[::2]):
            raise self._bad(arg, "a longitude is from -180 to 180")
        if any(abs(latitude) > 90 for latitude in numbers[1::2]):
            raise self._bad(arg, "a latitude is from -90 to 90")
        if arg.tag == "BBOX" and numbers[1] > numbers[3]:
            raise self._bad(arg, "the south of this box lies north of its north")
        return Constant(arg.tag, tuple(numbers), arg)

    def _bad(self, arg: syntax.Wkt, message: str) -> FilterTypeError:
        return FilterTypeError("bad-geometry", message, self.source, arg.span, f"write {_FORMS[arg.tag]}")

    def _point(self, row: FunctionRow, arg: Expr) -> Column:
        value = self.value(arg)
        if value.type != "POINT" or not isinstance(value, Column):
            raise self.unfit(row, "POINT", value, arg)
        return value

    def _bind_vectors(self, row: FunctionRow, node: syntax.Call) -> Value:
        args = [self._vector(row, arg) for arg in node.args]
        sizes = [_size(value) for value in args]
        if sizes[0] != sizes[1]:
            message = f"{row.name} takes vectors of one size, not of {sizes[0]} and {sizes[1]} numbers"
            raise self.misused(row, message, node.args[1])
        if not any(isinstance(value, Column) for value in args):
            raise self.misused(row, f"{row.name} takes a field that is a VECTOR", node)
        return query.Function(row.name, tuple(args), row.gives)

    def _vector(self, row: FunctionRow, arg: Expr) -> Value:
        if not isinstance(arg, syntax.ListOf):
            value = self.value(arg)
            if value.type != "VECTOR":
                raise self.unfit(row, "VECTOR", value, arg)
            return value
        numbers = []
        for item in arg.items:
            value = self.value(item)
            if not isinstance(value, Constant) or not isinstance(value.value, int | float) or value.type != "NUMBER":
                message = f"a vector is a list of numbers, not of {self.describe(value)}"
                raise FilterTypeError("type-mismatch", message, self.source, item.span, f"write {row.signature}")
            numbers.append(float(value.value))
        return Constant("VECTOR", tuple(numbers), arg)


def _size(value: Value) -> int | None:
    if isinstance(value, Column):
        return value.field.size
    return len(value.value) if isinstance(value, Constant) and isinstance(value.value, tuple) else None
