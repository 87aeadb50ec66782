"""The schema: how the values fit it, and a corrected one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metaquery.corrections import in_doubt
from metaquery.misfits import look_text

if TYPE_CHECKING:
    from metaquery.explorer.asking import Parameters
    from metaquery.explorer.desk import Desk

__all__ = ["check", "keep", "proposal"]


def check(desk: Desk, _given: Parameters) -> dict[str, Any]:
    """Return of each key of the newest snapshot how many values are valid, missing and invalid, and of what form."""
    workspace = desk.workspace
    snapshot, known = workspace.snapshot(), workspace.schema.known
    misfits = {misfit.key.name: misfit for misfit in workspace.schema.misfits()}
    keys = [
        {
            "name": key.name,
            "type": key.type,
            "inferred": key.inferred,
            "valid": key.valid,
            "missing": key.missing,
            "invalid": key.invalid,
            "example": key.example,
            "in_doubt": in_doubt(key),
            "remark": misfits[key.name].sentence() if key.name in misfits else None,
        }
        for key in snapshot.keys
    ]
    return {
        "snapshot": snapshot.id,
        "rows": snapshot.counts.data,
        "not_objects": snapshot.counts.not_objects,
        "known": None if known is None else known.to_json(),
        "applied": snapshot.metadata_schema == (None if known is None else known.to_json()),
        "keys": keys,
    }


def proposal(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Return a schema that the values of the newest snapshot fit, and what speaks for each key."""
    share = given.number("invalid_percent", 10, most=100) / 100
    found = desk.workspace.schema.infer(invalid_share=share)
    return {
        "schema": found.schema.to_json(),
        "corrections": [
            {
                "key": each.key,
                "now": each.now,
                "proposed": each.proposed,
                "changes": each.changes,
                "looks": [look_text(look) for look in each.looks],
                "remark": each.remark,
            }
            for each in found.corrections
        ],
    }


def keep(desk: Desk, given: Parameters) -> dict[str, Any]:
    """Take a schema for this workspace alone; values are typed by it when they are typed anew."""
    given.only("schema")
    return {"known": desk.workspace.schema.keep(given.field("schema", dict)).to_json()}
