"""Which Collections live ones are made of; known from the records alone, without reading a filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.errors import CollectionError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metaquery.collection.record import Collection, Definition

__all__ = ["current_titles", "refuse_cycles", "users_of"]


def current_titles(definition: Definition, titles: Mapping[str, str]) -> dict[str, str]:
    """Return what is named today, by what the text calls it.

    Parameters
    ----------
    definition
        A filter or an algebra.
    titles
        By id.
    """
    return {said: titles.get(known or "", said) for said, known in definition.names}


def users_of(collection: Collection, records: Sequence[Collection]) -> tuple[str, ...]:
    """Return the titles of the live Collections that name one."""
    titles = {c.id: c.title for c in records}
    return tuple(
        c.title
        for c in records
        if c.live
        and c.definition is not None
        and c.id != collection.id
        and collection.title in current_titles(c.definition, titles).values()
    )


def refuse_cycles(records: Sequence[Collection]) -> None:
    """Refuse live Collections that are made of themselves.

    Raises
    ------
    CollectionError
        With the way round.
    """
    titles = {c.id: c.title for c in records}
    leads = {
        c.title: list(current_titles(c.definition, titles).values())
        for c in records
        if c.live and c.definition is not None
    }
    settled: set[str] = set()
    for start, first in leads.items():
        path, ways = [start], [iter(first)]
        while ways:
            title = next(ways[-1], None)
            if title is None:
                ways.pop()
                settled.add(path.pop())
            elif title in path:
                round_ = " → ".join(map(repr, [*path[path.index(title) :], title]))
                raise CollectionError(
                    f"a live Collection cannot be made of itself: {round_}",
                    hint="leave one of them out, or freeze it first: metaquery collection freeze TITLE",
                )
            elif title in leads and title not in settled:
                path.append(title)
                ways.append(iter(leads[title]))
