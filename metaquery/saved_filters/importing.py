"""`imported()`: whether filters that were read elsewhere can be saved here, all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metaquery.errors import FilterError, Span, UsageError, picture, shown
from metaquery.saved_filters.record import checked_name
from metaquery.saved_filters.references import check_circle, check_known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metaquery.saved_filters.files import Found
    from metaquery.saved_filters.record import Key, SavedFilter

__all__ = ["Bind", "Imported", "imported"]

Bind = Callable[[str, str, Callable[[str], dict[str, str]]], str | None]
"""Checks a text against the newest snapshot: its relation, and the saved filters of a relation, text by name. Returns
its canonical text, None where there is no snapshot."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import does, or did.

    Attributes
    ----------
    new, replaced, unchanged
        The filters as they are saved now, and those that were saved already, with the same text.
    """

    new: tuple[SavedFilter, ...]
    replaced: tuple[SavedFilter, ...]
    unchanged: tuple[SavedFilter, ...]


def imported(found: Sequence[Found], held: Mapping[Key, SavedFilter], *, bind: Bind | None, replace: bool) -> Imported:
    """Check filters.

    Parameters
    ----------
    found
        What was read.
    held
        What is saved.
    bind
        Checks a filter against the newest snapshot; None where only its syntax and what it names are checked.
    replace
        Whether what is saved may be replaced.

    Raises
    ------
    UsageError
        Some cannot be saved.
    """
    after = {**held, **{one.filter.key: one.filter for one in found}}

    def saved(relation: str) -> dict[str, str]:
        return {name: other.text for (on, name), other in after.items() if on == relation}

    first: dict[Key, Found] = {}
    wrong: list[str] = []
    taken = False
    for one in found:
        before = first.setdefault(one.filter.key, one)
        reason = _wrong(one, after, bind, saved) if before is one else f"{one.place}: {_twice(one, before)}"
        other = held.get(one.filter.key)
        if reason is None and other is not None and other.text != one.filter.text and not replace:
            taken, reason = True, f"{one.place}: there is a saved filter {_named(one)} already: {_short(other.text)}"
        wrong += [reason] if reason else []
    if wrong:
        count = f"{len(wrong)} of {len(found)} filters" if len(found) > 1 else "the filter"
        hint = ["give --replace to replace what is saved, or give the filter another name"] if taken else []
        raise UsageError(f"{count} cannot be imported; nothing was changed", hint="\n".join([*wrong, *hint]))
    filters = sorted((one.filter for one in found), key=lambda one: one.key)
    return Imported(
        tuple(f for f in filters if f.key not in held),
        tuple(f for f in filters if f.key in held and held[f.key].text != f.text),
        tuple(f for f in filters if f.key in held and held[f.key].text == f.text),
    )


def _wrong(
    one: Found, after: Mapping[Key, SavedFilter], bind: Bind | None, saved: Callable[[str], dict[str, str]]
) -> str | None:
    """Return why a filter cannot be saved."""
    if one.wrong is not None:
        return f"{one.place}: {one.wrong}"
    try:
        checked_name(one.filter.name)
        check_known(one.source, one.filter.relation, after)
        check_circle(one.source, one.filter, after)
        if bind is not None:
            bind(one.source, one.filter.relation, saved)
    except FilterError as error:
        return _located(error, one.place)
    except UsageError as error:
        return f"{one.place}: {error}"
    return None


def _located(error: FilterError, place: str) -> str:
    """Return an error as a file's: with its line, and the column, counted from 1."""
    begin = error.source.rfind("\n", 0, error.span.start) + 1
    line = error.source[begin:].partition("\n")[0]
    number, column = error.source.count("\n", 0, begin) + 1, error.span.start - begin
    drawn = picture(line, Span(column, error.span.end - begin))
    told = f"{place}, line {number}, column {column + 1}: {error.message}\n{drawn}"
    return f"{told}\n{error.hint}" if error.hint else told


def _twice(one: Found, before: Found) -> str:
    where = "above in the file" if before.place == one.place else f"in {before.place}"
    return f"{_named(one)} stands {where}, too"


def _named(one: Found) -> str:
    return f"{shown(one.filter.reference)} on {one.filter.relation}"


def _short(text: str) -> str:
    return shown(text if len(text) <= 100 else f"{text[:99]}…")
