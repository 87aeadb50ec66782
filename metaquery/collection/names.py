"""What a filter or an algebra names: Collections and tags, and what comes of that when one is renamed or goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metaquery.collection.graph import current_titles
from metaquery.errors import FilterError
from metaquery.language import parse
from metaquery.language import query as bound
from metaquery.language.printing import string_text
from metaquery.language.syntax import Call, Expr, Field, Has, InCollection, String, children

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from metaquery.collection.record import Definition

__all__ = ["Named", "current_text", "mentions", "named", "names_text"]


@dataclass(frozen=True, slots=True)
class Named:
    """What the members of a live Collection would depend on.

    Attributes
    ----------
    titles
        Collections and tags, each once.
    every_tag
        Whether it asks for all tags of a unit, whatever they are.
    clock
        Whether it asks what time it is.
    """

    titles: tuple[str, ...]
    every_tag: bool = False
    clock: bool = False


def named(where: bound.Predicate | None) -> Named:
    """Return what a bound filter names."""
    titles: dict[str, None] = {}
    every_tag = clock = False
    waiting: list[bound.Value] = [] if where is None else [where]
    while waiting:
        node = waiting.pop()
        match node:
            case bound.InCollection():
                titles |= dict.fromkeys(node.names)
            case bound.Has() if _is_tags(node.x) and node.kind != "only":
                constants = [item for item in node.items if isinstance(item, bound.Constant)]
                every_tag |= len(constants) < len(node.items)
                titles |= dict.fromkeys(str(item.value) for item in constants)
                clock |= any(map(_asks_the_time, (item.written for item in constants)))
            case bound.Constant():
                clock |= _asks_the_time(node.written)
            case _:
                every_tag |= _is_tags(node)
                waiting.extend(bound.parts(node))
    return Named(tuple(titles), every_tag, clock)


def _is_tags(value: bound.Value) -> bool:
    return isinstance(value, bound.Column) and (value.field.qualifier, value.field.name) == ("unit", "tags")


def _names_tags(field: Field) -> bool:
    return field.name == "tags" and field.qualifier in {None, "unit"}


def _asks_the_time(written: Expr) -> bool:
    waiting = [written]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Call) and node.name.lower() == "now":
            return True
        waiting.extend(children(node))
    return False


def mentions(text: str, *, algebra: bool = False) -> Iterator[String]:
    """Yield the titles and tags in a filter's text, or in an algebra's, where they stand.

    Raises
    ------
    FilterError
        It is neither.
    """
    waiting = [parse(text)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, InCollection):
            yield from (name for name in node.names if isinstance(name, String))
        elif isinstance(node, Has) and isinstance(node.x, Field) and _names_tags(node.x):
            yield from (item for item in node.items if isinstance(item, String))
        elif algebra and isinstance(node, String):
            yield node
        else:
            waiting.extend(children(node))


def current_text(definition: Definition, titles: Mapping[str, str]) -> str:
    """Return the text with what it names under the titles of today; parameters as `current_titles`."""
    now = current_titles(definition, titles)
    if all(said == title for said, title in now.items()):
        return definition.text
    text = definition.text
    found = {m.span: m.value for m in mentions(text, algebra=definition.form == "algebra") if m.value in now}
    for span in sorted(found, reverse=True):
        text = f"{text[: span.start]}{string_text(now[found[span]])}{text[span.end :]}"
    return text


def names_text(text: str, title: str) -> bool:
    """Whether a filter's text names a title; one that is no filter any more names nothing."""
    try:
        return any(mention.value == title for mention in mentions(text))
    except FilterError:  # whoever uses it is told
        return False
