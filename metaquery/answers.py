"""The words of an answer, shared by every face: what was asked, of which snapshot, what is unknown and what invalid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from metaquery.tally import Tally
    from metaquery.view import View

__all__ = ["asked_and_when", "asked_of", "cut_short", "invalid_values", "misfit_lines", "plural"]


def plural(count: int, noun: str) -> str:
    """Return `1 data unit`, `2,345 data units`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def asked_and_when(view: View, tally: Tally, seconds: float | None, *, did: str = "counted in ") -> list[str]:
    """Return what was counted, in which snapshot, and how long it took.

    Parameters
    ----------
    view, tally
        What was asked, and what became of its rows.
    seconds
        How long it took; None where nobody wants to know.
    did
        What took so long.
    """
    noun = view.relation.singular
    all_ = plural(tally.total, noun)
    what = all_ if view.canonical is None else f"{tally.matched:,} of {all_} match: {view.canonical}"
    took = "" if seconds is None else f", {did}{seconds * 1000:,.0f} ms"
    lines = [what, f"Snapshot {view.snapshot.id}, times in {view.time_zone}{took}."]
    unknown = tally.describe_unknown()
    return [*lines, unknown] if unknown else lines


def asked_of(view: View, tally: Tally) -> dict[str, Any]:
    """Return the same for scripts."""
    return {
        "snapshot": view.snapshot.id,
        "on": view.relation.name,
        "filter": view.canonical,
        "time_zone": view.time_zone,
        **tally.to_json(),
    }


def invalid_values(view: View, tally: Tally) -> list[str]:
    """Return which fields, of those that leave rows unknown, have values that do not fit their type."""
    from metaquery.errors import shown
    from metaquery.language.printing import name_text  # the status needs no language, and this module

    keys = {key.name: key for key in view.snapshot.keys}
    found = [keys[reason.field] for reason in tally.reasons if reason.field in keys and keys[reason.field].invalid]
    return [
        f"{plural(key.invalid, 'value')} of {shown(key.name)} in the snapshot "
        f"{'is' if key.invalid == 1 else 'are'} invalid: "
        f"no {key.type} ({shown(name_text(key.name))} is invalid finds them)."
        for key in found
    ]


def cut_short(shown: int, matched: int, how: str) -> str:
    """Return that not all rows are shown, and how to see them."""
    return f"Showing {shown:,} of {matched:,} that match; {how} for all."


def misfit_lines(view: View) -> list[str]:
    """Return of which fields of a filter the schema is wrong, and what to do about it."""
    from metaquery.misfits import CORRECTION

    return [f"{misfit}: {CORRECTION}" for misfit in view.misfits()]
