"""`to_text()`: syntax tree → canonical text (§11). `parse(to_text(t)) == t`, and printing that changes nothing."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from metaquery.language import syntax
from metaquery.language.limits import WORDS
from metaquery.language.moments import iso_text

if TYPE_CHECKING:
    from metaquery.language.syntax import Expr

__all__ = ["name_text", "string_text", "to_text", "view_text"]

_OR, _AND, _NOT, _TEST, _SUM, _PRODUCT, _POWER, _SIGNED, _ATOM = range(1, 10)
"""Precedence, loosest first."""

# Expressions are compiled by `re` when they are first used.

_BARE = r"[^\W\d][\w:\u0300-\u036f]*(?:\.[\w:\u0300-\u036f]+)*"
_SAVED = r"(?:[^\W\d]|:)[\w:\-\u0300-\u036f]*(?:\.[\w:\-\u0300-\u036f]+)*"
_ARITH = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "%": _PRODUCT, "div": _PRODUCT, "^": _POWER}
_STATE = r"(?i)(?:missing|invalid|known|unknown)(?![\w.:\u0300-\u036f])"
_EACH = r"(?i)(?:any|all|only|none)(?![\w.:\u0300-\u036f])"
_CONTROL = {"\a": r"\a", "\b": r"\b", "\t": r"\t", "\n": r"\n", "\v": r"\v", "\f": r"\f", "\r": r"\r"}
_ESCAPED = str.maketrans({**_CONTROL, "\\": "\\\\", "'": "''"})


def to_text(node: Expr) -> str:
    """Write an expression in its canonical form."""
    return _write(node)[0]


def view_text(view: syntax.View) -> str:
    """Write a view in its canonical form."""
    pieces = [] if view.where is None else [to_text(view.where)]
    if view.order:
        pieces.append(f"order by {', '.join(map(_sort_key, view.order))}")
    if view.limit is not None:
        pieces.append(f"limit {view.limit}")
    return " ".join(pieces)


def name_text(name: str) -> str:
    """Write a name bare where it can be, else in double quotes."""
    if re.fullmatch(_BARE, name) and name.lower() not in WORDS:
        return name
    return _quoted(name)


def string_text(value: str) -> str:
    """Write a text literal: `'…'`, or `E'…'` where it holds control characters that have an escape."""
    if any(char in value for char in _CONTROL):
        return f"E'{value.translate(_ESCAPED)}'"
    return "'" + value.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _sort_key(key: syntax.SortKey) -> str:
    return f"{_at(key.key, _SUM)}{' desc' * key.descending}{' nulls first' * key.nulls_first}"


def _at(node: Expr, least: int) -> str:
    text, level = _write(node)
    return text if level >= least else f"({text})"


def _list(items: tuple[Expr, ...]) -> str:
    if len(items) == 1 and isinstance(items[0], syntax.Parameter) and items[0].many:
        return _leaf(items[0])
    return f"({', '.join([_write(item)[0] for item in items])})"


def _write(node: Expr) -> tuple[str, int]:  # noqa: C901, PLR0911  # one case a node
    """Return the text of a node, and how tightly it holds together."""
    match node:
        case syntax.Or():
            return " or ".join([_at(arg, _AND) for arg in node.args]), _OR
        case syntax.And():
            return " and ".join([_at(arg, _NOT) for arg in node.args]), _AND
        case syntax.Not():
            return _negated(node.arg)
        case syntax.Arith():
            return _arith(node)
        case syntax.Neg():
            return f"-{_at(node.arg, _SIGNED)}", _SIGNED
        case syntax.Call():
            return f"{name_text(node.name)}{_list(node.args)}", _ATOM
        case syntax.Count():
            where = "" if node.p is None else f" where {_write(node.p)[0]}"
            return f"count({node.relation}{where})", _ATOM
        case syntax.Quantified():
            within = "" if node.p is None else f"({_write(node.p)[0]})"
            return f"{node.which} {node.relation}{within}", _TEST
        case syntax.InCollection():
            titles = [_leaf(name) for name in node.names]
            return f"in collection {titles[0] if len(titles) == 1 else '(' + ', '.join(titles) + ')'}", _TEST
        case syntax.ListOf():
            return (_list(node.items) if len(node.items) != 1 else f"[{_write(node.items[0])[0]}]"), _ATOM
        case (
            syntax.Field() | syntax.Number() | syntax.String() | syntax.Bool() | syntax.Null() | syntax.Instant()
            | syntax.Period() | syntax.Duration() | syntax.Wkt() | syntax.Saved() | syntax.Parameter()
        ):  # fmt: skip
            return _leaf(node), _ATOM
        case _:
            return _test(node, ""), _TEST


def _negated(arg: Expr) -> tuple[str, int]:
    match arg:
        case (
            syntax.Between() | syntax.In() | syntax.Like() | syntax.Matches() | syntax.Text() | syntax.IsNull()
            | syntax.IsMissing() | syntax.IsInvalid() | syntax.IsUnknown() | syntax.Is()
        ):  # fmt: skip
            return _test(arg, "not "), _TEST
        case _:
            return f"not {_at(arg, _NOT)}", _NOT


def _test(node: Expr, no: str) -> str:  # noqa: C901, PLR0911, PLR0912  # one case a node
    match node:
        case syntax.Compare():
            return f"{_at(node.left, _SUM)} {node.op} {_at(node.right, _SUM)}"
        case syntax.Between():
            return f"{_at(node.x, _SUM)} {no}between {_at(node.low, _SUM)} and {_at(node.high, _SUM)}"
        case syntax.In():
            return f"{_at(node.x, _SUM)} {no}in {_list(node.items)}"
        case syntax.Like():
            return f"{_at(node.x, _SUM)} {no}{'i' * node.ci}like {_at(node.pattern, _SUM)}"
        case syntax.Matches():
            return f"{_at(node.x, _SUM)} {no}{'i' * node.ci}matches {_at(node.pattern, _SUM)}"
        case syntax.Text():
            return f"{_at(node.x, _SUM)} {no}{'i' * node.ci}{node.kind} {_at(node.y, _SUM)}"
        case syntax.Has(kind="has"):
            return f"{_at(node.x, _SUM)} has {_guarded(_at(node.items[0], _SUM), _EACH)}"
        case syntax.Has():
            return f"{_at(node.x, _SUM)} has {node.kind} {_list(node.items)}"
        case syntax.IsNull():
            return f"{_at(node.x, _SUM)} is {no}null"
        case syntax.IsMissing():
            return f"{_at(node.x, _SUM)} is {no}missing"
        case syntax.IsInvalid():
            return f"{_at(node.x, _SUM)} is {no}invalid"
        case syntax.IsUnknown():
            return f"{_at(node.p, _SUM)} is {no}unknown"
        case syntax.Is():
            return f"{_at(node.x, _SUM)} is {no}{_guarded(_at(node.v, _SUM), _STATE)}"
        case _:
            raise AssertionError(node)


def _guarded(text: str, words: str) -> str:
    """Bracket what would be read as a word of the language where it stands."""
    return f"({text})" if re.match(words, text) else text


def _arith(node: syntax.Arith) -> tuple[str, int]:
    pieces: list[str] = []
    top = level = _ARITH[node.op]
    least = level if level < _POWER else _SIGNED
    left: Expr = node
    while isinstance(left, syntax.Arith) and _ARITH[left.op] == level:
        pieces.append(f" {left.op} {_at(left.right, least + 1 if level < _POWER else _SIGNED)}")
        left = left.left
        if level == _POWER:
            break
    pieces.append(_at(left, least if not isinstance(left, syntax.Arith) else level + 1))
    return "".join(reversed(pieces)), top


def _leaf(node: Expr) -> str:  # noqa: C901, PLR0911  # one case a node
    match node:
        case syntax.Field():
            if node.qualifier is not None:
                return f"{node.qualifier}.{_quoted(node.name)}"
            return _quoted(node.name) if node.quoted else name_text(node.name)
        case syntax.Number():
            return _number(node)
        case syntax.String():
            return string_text(node.value)
        case syntax.Bool():
            return "true" if node.value else "false"
        case syntax.Instant():
            return iso_text(node.micros) + "Z" * node.zoned
        case syntax.Period():
            return f"{node.year:04d}-{node.month:02d}" + (f"-{node.day:02d}" if node.day else "")
        case syntax.Duration():
            return f"{Decimal(repr(node.amount)):f}{node.unit}"
        case syntax.Wkt():
            return f"{node.tag}({_wkt(node.body)})"
        case syntax.Saved():
            return "@" + (node.name if re.fullmatch(_SAVED, node.name) else _quoted(node.name))
        case syntax.Parameter():
            return f":{node.name}"
        case _:
            return "null"


def _number(node: syntax.Number) -> str:
    value = node.value
    if float(value).is_integer() and abs(value) <= 2**53:
        return f"{int(value):0{node.digits}d}" if node.digits in {4, 8} else str(int(value))
    return repr(float(value))


def _wkt(body: syntax.WktBody) -> str:
    return ", ".join([_coordinates(item) for item in body])


def _coordinates(item: tuple[float, ...] | syntax.WktBody) -> str:
    """Write a position, or a list of them in brackets."""
    numbers = [part for part in item if isinstance(part, float)]
    if numbers:
        return " ".join([f"{'-' * (n < 0)}{_number(syntax.Number(abs(n)))}" for n in numbers])
    return f"({_wkt(cast('syntax.WktBody', item))})"
