"""`Parameters` of a request, checked; `Asked`: the view that they tell. A request has filter text, never SQL."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from metaquery.errors import UsageError
from metaquery.schema import relation_named
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from metaquery.explorer.desk import Desk
    from metaquery.view import View

__all__ = ["VIEW", "Asked", "Parameters"]

VIEW = ("relation", "filter", "search", "order", "columns", "snapshot", "time_zone")
"""Parameters that tell a view; every address of the page is made of them."""


class Parameters:
    """What a request was given, by name.

    Parameters
    ----------
    pairs
        Names and values, as they came.
    known
        Names that the endpoint has.
    path
        What the path itself gives.
    body
        The decoded body of a POST.

    Raises
    ------
    UsageError
        A name is unknown, or is there twice.
    """

    def __init__(
        self,
        pairs: Iterable[tuple[str, str]],
        known: Collection[str],
        *,
        path: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> None:
        self.path = dict(path or {})
        self.body = dict(body or {})
        self._given: dict[str, str] = {}
        for name, value in pairs:
            if name not in known:
                raise _unknown(name, known)
            if name in self._given:
                raise UsageError(f"the parameter {name} is given twice")
            self._given[name] = value

    def text(self, name: str, default: str = "") -> str:
        """Return a text."""
        return self._given.get(name, default)

    def needed(self, name: str) -> str:
        """Return a text that has to be there."""
        if name not in self._given:
            raise UsageError(f"the parameter {name} is missing")
        return self._given[name]

    def number(self, name: str, default: int, *, least: int = 0, most: int) -> int:
        """Return a whole number within bounds."""
        text = self._given.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
            raise UsageError(f"{name} is {text!r}", hint=f"it is a whole number from {least:,} to {most:,}")
        return int(text)

    def names(self, name: str) -> tuple[str, ...]:
        """Return a list of names, as one text that `View.select` takes; nothing where it is blank."""
        text = self._given.get(name, "")
        return (text,) if text.strip() else ()

    # The body

    def field(self, name: str, kind: type | tuple[type, ...], default: Any = ...) -> Any:
        """Return a member of the body.

        Raises
        ------
        UsageError
            It is missing, or of another type.
        """
        value = self.body.get(name, default)
        if value is ...:
            raise UsageError(f"the body has no {name!r}")
        if value is not default and (not isinstance(value, kind) or (isinstance(value, bool) and kind is int)):
            raise UsageError(f"{name!r} of the body is no {_called(kind)}")
        return value

    def only(self, *names: str) -> None:
        """Refuse a body with any other member."""
        for name in self.body:
            if name not in names:
                raise _unknown(name, names, what="body has no member")


def _called(kind: type | tuple[type, ...]) -> str:
    words = {str: "text", int: "whole number", bool: "true or false", list: "list", dict: "object"}
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return " or ".join(words[each] for each in kinds if each in words)


def _unknown(name: str, known: Collection[str], *, what: str = "endpoint has no parameter") -> UsageError:
    meant = similar(name, known)
    hint = f"did you mean {meant[0]}?" if meant else f"there are {', '.join(known)}" if known else "it takes none"
    return UsageError(f"the {what} {name[:100]!r}", hint=hint)


@dataclass(frozen=True, slots=True)
class Asked:
    """The view that a request is about.

    Attributes
    ----------
    relation, filter, search, order, columns, snapshot, time_zone
        As in the address; blank where they are not given.
    """

    relation: str = "data"
    filter: str = ""
    search: str = ""
    order: str = ""
    columns: str = ""
    snapshot: str = ""
    time_zone: str = ""

    @classmethod
    def of(cls, parameters: Parameters) -> Asked:
        """Take them from the address."""
        return cls(**{name: parameters.text(name, "data" if name == "relation" else "") for name in VIEW})

    @classmethod
    def of_body(cls, body: Mapping[str, Any]) -> Asked:
        """Take them from a member of a body.

        Raises
        ------
        UsageError
            One is no text, or of another name.
        """
        for name, value in body.items():
            if name not in VIEW:
                raise _unknown(name, VIEW, what="view has no member")
            if not isinstance(value, str):
                raise UsageError(f"{name!r} of the view is no text")
        return cls(**body)

    def whole(self, desk: Desk) -> View:
        """Return every row of the relation, in the snapshot and the time zone."""
        view = desk.moment(self.snapshot).view(relation_named(self.relation))
        return view.at(time_zone=self.time_zone) if self.time_zone else view

    def searched(self, desk: Desk) -> View:
        """Return the rows that the search leaves."""
        view = self.whole(desk)
        return view.search(self.search) if self.search.strip() else view

    def rows(self, desk: Desk) -> View:
        """Return the rows that search and filter leave, in no order."""
        view = self.searched(desk)
        return view.filter(self.filter) if self.filter.strip() else view

    def view(self, desk: Desk, *, every: Literal["shown", "every"] = "shown") -> View:
        """Return all that it says: rows, order, columns; without columns those that a table shows, or every one."""
        view = self.rows(desk)
        if self.order.strip():
            view = view.order_by(self.order)
        if self.columns.strip():
            return view.select(self.columns)
        if every == "every":
            return view.select_all()
        if not self.search.strip():
            return view
        shown = replace(self, search="").view(desk).columns  # a search is about every text, and would show them all
        return view.select(", ".join(name for field in shown if (name := view.name_of(field)) is not None))
