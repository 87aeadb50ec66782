"""What documents are made of: operations, timestamps, chains of arithmetic."""

from __future__ import annotations

from itertools import groupby
from typing import Any, TypeAlias

from metaquery.language.cql2_json.operations import OPERATIONS, PRECEDENCE
from metaquery.language.moments import iso_text

__all__ = ["Json", "called", "chain", "joined", "operation", "timestamp"]

Json: TypeAlias = "dict[str, Any] | list[Any] | str | float | bool"

_STANDARD = {name.lower(): name for name in OPERATIONS if not name.startswith("mq_")}

_LONG = 50
"""Steps of arithmetic from which on a chain is written flat: JSON writers limit how deep objects nest."""


def operation(name: str, *args: Json) -> dict[str, Any]:
    """Write an operation."""
    return {"op": name, "args": list(args)}


def called(function: str, *args: Json) -> dict[str, Any]:
    """Write the call of a function: by CQL2's operator of this name, else by ours."""
    return operation(_STANDARD.get(function, f"mq_{function}"), *args)


def joined(op: str, parts: list[dict[str, Any] | bool]) -> dict[str, Any] | bool:
    """Write `and` or `or`; what is already one in it becomes part of it."""
    flat = [p for part in parts for p in (part["args"] if isinstance(part, dict) and part.get("op") == op else [part])]
    return flat[0] if len(flat) == 1 else operation(op, *flat)


def timestamp(micros: int, *, zoned: bool = True) -> dict[str, Any]:
    """Write an instant: microseconds since 1970 in UTC, or on the local clock where no zone is written."""
    return {"timestamp": iso_text(micros) + "Z" * zoned}


def chain(first: Json, steps: list[tuple[str, Json]]) -> Json:
    """Write `first op right op right …`; a long run of operators of one precedence is written flat."""
    written = first
    for precedence, group in groupby(steps, key=lambda step: PRECEDENCE[step[0]]):
        run = list(group)
        if len(run) > _LONG and precedence != "power":
            written = operation("mq_chain", written, *[part for step in run for part in step])
        else:
            for op, right in run:
                written = operation(op, written, right)
    return written
