"""`Clauses`: a filter's text as the conditions that its outermost `and` joins, each with its place; edited by clicks.

What a user wrote stays as written, but for the clauses that an edit is about. Each edit is read again: where the text
that was cut and pasted does not say what was meant, the canonical text of that is taken.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from metaquery.errors import FilterError
from metaquery.frozen import dataclass
from metaquery.language import syntax
from metaquery.language.parse import parse
from metaquery.language.printing import to_text

if TYPE_CHECKING:
    from collections.abc import Collection

    from metaquery.language.syntax import Expr

__all__ = ["Clauses", "alternatives", "respelled"]


@dataclass(frozen=True, slots=True)
class Clauses:
    """A filter's text, taken apart.

    Attributes
    ----------
    text
        The filter; blank where it has none.
    parts
        Its clauses, in the order of the text, each with its span.
    """

    text: str
    parts: tuple[Expr, ...]

    @classmethod
    def of(cls, text: str) -> Clauses:
        """Read a filter, or a blank text; errors as `parse`."""
        if not text.strip():
            return cls("", ())
        read = parse(text)
        return cls(text, read.args if isinstance(read, syntax.And) else (read,))

    def written(self, place: int) -> str:
        """Return a clause as it was written, brackets around it included."""
        span = self.parts[place].span
        return self.text[span.start : span.end]

    def with_(self, put: str, *, at: Collection[int] = ()) -> str:
        """Return the text with a condition in place of the first of some clauses, and without the others of them.

        Parameters
        ----------
        put
            A condition; blank to put nothing.
        at
            Places of the clauses that go; none of them puts the condition at the end.
        """
        gone = sorted(at)
        added = Clauses.of(put).parts
        if not gone:
            wanted = (*self.parts, *added)
        else:
            kept = [(n, part) for n, part in enumerate(self.parts) if n not in gone]
            before = tuple(part for n, part in kept if n < gone[0])
            wanted = (*before, *added, *(part for n, part in kept if n > gone[0]))
        if not wanted:
            return ""
        expected = wanted[0] if len(wanted) == 1 else syntax.And(wanted)
        put = put.strip()
        if len(wanted) > 1 and any(isinstance(part, syntax.Or) for part in added):
            put = f"({put})"
        for edited in (self._replaced(put, gone),) if gone else self._appended(put):
            with suppress(FilterError):
                if parse(edited) == expected:
                    return edited
        return to_text(expected)

    def _replaced(self, put: str, gone: list[int]) -> str:
        """Cut and paste."""
        text = self.text
        for place in reversed(gone[1:] if put else gone):
            text = self._without(text, place, last=place == len(self.parts) - 1)
        if put:
            span = self.parts[gone[0]].span
            text = text[: span.start] + put + text[span.end :]
        return text.strip()

    def _appended(self, put: str) -> tuple[str, ...]:
        if not self.parts or not put:
            return (put or self.text,)
        text = self.text.strip()
        return f"{text} and {put}", f"({text}) and {put}"

    def _without(self, text: str, place: int, *, last: bool) -> str:
        """Cut a clause out, and the `and` behind it, or before the last; clauses behind it are cut out already."""
        span = self.parts[place].span
        if not last and len(self.parts) > 1:
            return text[: span.start] + text[self.parts[place + 1].span.start :]
        begin = self.parts[place - 1].span.end if place else span.start
        return text[:begin] + text[span.end :]


def alternatives(condition: Expr) -> tuple[Expr, ...]:
    """Return the conditions of which one has to hold: `x in (1, 2)` is `x = 1` or `x = 2`."""
    found: list[Expr] = []
    for part in condition.args if isinstance(condition, syntax.Or) else (condition,):
        match part:
            case syntax.In(x=x, items=items) if items:
                found += [syntax.Compare("=", x, item) for item in items]
            case syntax.Has(kind="any", x=x, items=items) if items:
                found += [syntax.Has("has", x, (item,)) for item in items]
            case syntax.Field():
                found.append(syntax.Compare("=", part, syntax.Bool(value=True)))
            case syntax.Not(arg=syntax.Field() as field):
                found.append(syntax.Compare("=", field, syntax.Bool(value=False)))
            case _:
                found.append(part)
    return tuple(found)


def respelled(node: Expr, name: Expr) -> Expr:
    """Return a condition with another spelling of the one field that is in it."""
    if isinstance(node, syntax.Field):
        return name
    changes: dict[str, object] = {}
    for part in type(node).__match_args__:
        value = getattr(node, part)
        if isinstance(value, syntax.Node):
            changes[part] = respelled(value, name)  # type: ignore[arg-type]  # a part that is a node is an expression
        elif isinstance(value, tuple) and value and all(isinstance(each, syntax.Node) for each in value):
            changes[part] = tuple(respelled(each, name) for each in value)
    return replace(node, **changes) if changes else node  # type: ignore[arg-type]
