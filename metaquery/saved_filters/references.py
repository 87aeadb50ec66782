"""Which saved filters name which: looked for in what was imported or edited by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from metaquery.errors import FilterError, Span, UnknownField
from metaquery.language.parameters import fill
from metaquery.language.parse import parse
from metaquery.language.syntax import Count, Expr, Quantified, Saved, children
from metaquery.saved_filters.record import SavedFilter, reference
from metaquery.schema import RELATIONS
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from metaquery.saved_filters.record import Key

__all__ = ["Reference", "check_circle", "check_known", "references", "rewritten", "users", "with_named"]

_RELATIONS: dict[str, str] = {relation.qualifier: name for name, relation in RELATIONS.items()}


class Reference(NamedTuple):
    """`@name` in a text: the filter that it stands for, and where it stands."""

    relation: str
    name: str
    span: Span

    @property
    def key(self) -> Key:
        """Relation and name."""
        return self.relation, self.name


def references(text: str, relation: str) -> Iterator[Reference]:
    """Yield the saved filters that a text names; inside of `any label(…)` those on labels.

    Raises
    ------
    FilterError
        It is no filter.
    """
    waiting: list[tuple[Expr, str]] = [(parse(text), relation)]
    while waiting:
        node, here = waiting.pop()
        if isinstance(node, Saved):
            yield Reference(here, node.name, node.span)
        within = _RELATIONS.get(node.relation, here) if isinstance(node, Quantified | Count) else here
        waiting.extend((part, within) for part in children(node))


def users(key: Key, filters: Iterable[SavedFilter]) -> list[SavedFilter]:
    """Return the filters that name another; what cannot be read but has its name in it is among them."""
    return [saved for saved in filters if _may_name(saved, key)]


def _may_name(saved: SavedFilter, key: Key) -> bool:
    try:
        return any(found.key == key for found in references(saved.text, saved.relation))
    except FilterError:
        return "@" in saved.text and key[1] in saved.text


def rewritten(saved: SavedFilter, key: Key, name: str) -> SavedFilter:
    """Return a filter that names another by its new name; all else of its text stays.

    Raises
    ------
    FilterError
        It is no filter.
    """
    text = saved.text
    spans = [found.span for found in references(text, saved.relation) if found.key == key]
    for span in sorted(spans, reverse=True):
        text = f"{text[: span.start]}{reference(name)}{text[span.end :]}"
    return SavedFilter(saved.name, saved.relation, text)


def with_named(wanted: Iterable[SavedFilter], held: Mapping[Key, SavedFilter]) -> list[SavedFilter]:
    """Return filters and all that they name, by way of others too, in the order of `held`."""
    found: set[Key] = set()
    waiting = [saved.key for saved in wanted]
    while waiting:
        key = waiting.pop()
        if key in held and key not in found:
            found.add(key)
            waiting.extend(_named(held[key]))
    return [saved for key, saved in held.items() if key in found]


def check_known(source: str, relation: str, held: Mapping[Key, SavedFilter]) -> None:
    """Check that every saved filter that a text names is there.

    Parameters
    ----------
    source
        The text, which errors point into.
    relation
        What it selects rows of.
    held
        What there is.

    Raises
    ------
    UnknownField
        One is not; or the text has a parameter, for which nobody would give a value.
    FilterError
        The text is no filter.
    """
    try:
        fill((parse(source),), {}, source)
    except UnknownField as error:
        raise UnknownField(error.code, error.message, source, error.span, "write the value: nobody gives one") from None
    for found in references(source, relation):
        if found.key not in held:
            meant = similar(found.name, [name for on, name in held if on == found.relation])
            hint = f"did you mean '{reference(meant[0])}'?" if meant else "no filter is saved under this name"
            message = f"unknown saved filter {reference(found.name)!r} on {found.relation}"
            raise UnknownField("unknown-saved-filter", message, source, found.span, hint, meant)


def check_circle(source: str, start: SavedFilter, held: Mapping[Key, SavedFilter]) -> None:
    """Check that nothing that a filter names leads back to it; parameters and errors as `check_known`."""
    for found in references(source, start.relation):
        way = _way(found.key, start.key, held)
        if way:
            circle = " → ".join(reference(name) for _, name in (start.key, *way))
            message = f"saved filters go round in a circle: {circle}"
            hint = "change one of them so that it no longer names the others"
            raise UnknownField("saved-filter-cycle", message, source, found.span, hint)


def _way(start: Key, end: Key, held: Mapping[Key, SavedFilter]) -> tuple[Key, ...]:
    """Return how one filter leads to another, both included; nothing where it does not."""
    came: dict[Key, tuple[Key, ...]] = {start: (start,)}
    waiting = [start]
    while waiting:
        key = waiting.pop(0)
        if key == end:
            return came[key]
        for after in _named(held[key]) if key in held else ():
            if after not in came:
                came[after] = (*came[key], after)
                waiting.append(after)
    return ()


def _named(saved: SavedFilter) -> list[Key]:
    try:
        return [found.key for found in references(saved.text, saved.relation)]
    except FilterError:  # whoever uses it is told
        return []
