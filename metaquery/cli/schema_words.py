"""Options of a metadata schema, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metaquery.errors import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["option_words"]


def option_words(option: Mapping[str, Any]) -> str:
    """Return `string`, `enum of fog, rain`, `embedding of 4 numbers`; safe to print."""
    return shown(_words(option))


def _words(option: Mapping[str, Any]) -> str:
    match option["ty"]:
        case "variant":
            return {"varchar": "string", "text": "long text"}.get(option["hint"], str(option["hint"]))
        case "enum":
            return f"enum of {', '.join(option['values'])}"
        case "embedding":
            return f"embedding of {option['size']} numbers"
        case "tombstone":
            return "deleted"
        case other:
            return str(other)
