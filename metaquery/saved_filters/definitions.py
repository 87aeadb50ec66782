"""What a preset of Encord filters by, as JSON, and a filter of ours in it.

The protocol says where filters stand in a definition, not what they look like (encord-wire-protocol.md §7.3): each is
an object that only Encord's own pages write and read. So metaquery keeps a filter as an object of its own::

    {"metaquery": {"language": 1, "on": "data", "filter": "dark = true"}}

as the one global filter of a preset, and understands that alone. Anything else is said to be not understood, with its
place as a JSON pointer; half of a preset would be another filter.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from metaquery.errors import PresetError, shown
from metaquery.schema import RELATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from metaquery.saved_filters.record import SavedFilter

__all__ = ["Kept", "kept_in", "to_definition"]

_OURS = "metaquery"

_EVERYWHERE = "00000000-0000-0000-0000-000000000000"
"""Under which the official SDK keeps the local filters of no place in particular."""

_SHOWN = 10


class Kept(NamedTuple):
    """A filter that a preset has: what it is on, and its text."""

    relation: str
    text: str


class _Part(NamedTuple):
    """A part of a definition, and the filter that it is; None where it is not understood."""

    pointer: str
    value: Any
    kept: Kept | None = None


def to_definition(saved: SavedFilter, *, in_project: bool) -> dict[str, Any]:
    """Return a definition that has a filter; a project's is spelled otherwise than the Index's."""
    held = {_OURS: {"language": 1, "on": saved.relation, "filter": saved.text}}
    local, everywhere = ("localFilters", "globalFilters") if in_project else ("local_filters", "global_filters")
    return {local: {_EVERYWHERE: {"filters": []}}, everywhere: {"filters": [held]}}


def kept_in(definition: Mapping[str, Any], name: str) -> Kept:
    """Return the filter that a definition has.

    Parameters
    ----------
    definition
        Of the Index's spelling, or of a project's.
    name
        Of the preset, for errors.

    Raises
    ------
    PresetError
        It has none, or several, or anything besides that is not understood; each such part is named.
    """
    parts = list(_parts(definition))
    if not parts:
        raise PresetError(f"the preset {name!r} has no filter at all")
    kept = [part.kept for part in parts if part.kept is not None]
    strange = [part for part in parts if part.kept is None]
    if strange:
        count = f"{len(strange)} of its {len(parts)} parts are" if len(parts) > 1 else "its one filter is"
        told = [f"{part.pointer}: {_short(part.value)}" for part in strange[:_SHOWN]]
        more = [f"and {len(strange) - _SHOWN:,} more"] if len(strange) > _SHOWN else []
        way_out = "what Encord's own filters mean is not published: write it anew, metaquery filter save NAME FILTER"
        raise PresetError(
            f"the preset {name!r} was not translated: {count} not understood",
            hint="\n".join([*told, *more, way_out]),
        )
    if len(kept) > 1:
        places = ", ".join(part.pointer for part in parts)
        raise PresetError(
            f"the preset {name!r} was not translated: it has {len(parts)} filters of metaquery, at {places}",
            hint="how several go together is not published: leave one of them",
        )
    return kept[0]


def _parts(definition: Mapping[str, Any]) -> Iterator[_Part]:
    """Yield every filter, and whatever is where none is expected; empty lists of filters are nothing."""
    for key, value in definition.items():
        pointer = f"/{_escaped(key)}"
        if key in {"global_filters", "globalFilters"}:
            yield from _filters(value, pointer, ours=True)
        elif key in {"local_filters", "localFilters"} and isinstance(value, dict):
            for place, held in value.items():
                yield from _filters(held, f"{pointer}/{_escaped(place)}", ours=False)
        else:
            yield _Part(pointer, value)


def _filters(held: Any, pointer: str, *, ours: bool) -> Iterator[_Part]:
    if not isinstance(held, dict) or not isinstance(held.get("filters", []), list):
        yield _Part(pointer, held)
        return
    for number, entry in enumerate(held.get("filters", [])):
        yield _Part(f"{pointer}/filters/{number}", entry, _kept(entry) if ours else None)
    for key, value in held.items():
        if key != "filters":
            yield _Part(f"{pointer}/{_escaped(key)}", value)


def _kept(entry: Any) -> Kept | None:
    match entry:
        case {"metaquery": {"language": 1, "on": str(on), "filter": str(text), **beside}, **others} if (
            on in RELATIONS and not beside and not others
        ):
            return Kept(on, text)
    return None


def _escaped(key: str) -> str:
    """Return a key as a JSON pointer has it (RFC 6901)."""
    return shown(key.replace("~", "~0").replace("/", "~1"))


def _short(value: Any) -> str:
    text = shown(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= 200 else f"{text[:199]}…"
