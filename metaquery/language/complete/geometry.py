"""`geometry_at()`: what may stand inside of `POINT(…)` and `BBOX(…)`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from metaquery.language.complete.candidate import Candidate
from metaquery.language.complete.stack import is_token, opening

if TYPE_CHECKING:
    from metaquery.language.complete.place import Place

__all__ = ["geometry_at"]

_FORMS = {
    "POINT": ("nn", " ", ("0", "0"), ("longitude", "latitude")),
    "BBOX": ("n,n,n,n", ", ", ("-180", "-90", "180", "90"), ("west", "south", "east", "north")),
}
"""How numbers and commas follow each other, what is put between numbers, the widest ones, and what each is."""

_PART = re.compile(r"(?P<n>[\d.][\w.]*)|,")


def geometry_at(place: Place) -> list[Candidate] | None:
    """Return what may stand in the geometry that is open at a place; None where none is."""
    at = opening(place.stack)
    tag = place.stack[at - 1] if at > 0 else None
    if not is_token(tag, "WKT_TAG"):
        return None
    if str(tag).upper() not in _FORMS:
        return []
    form, between, widest, names = _FORMS[str(tag).upper()]
    written = "".join(part.lastgroup or "," for part in _PART.finditer(place.operands.text, place.stack[at].end_pos))
    if not form.startswith(written):
        return []
    rest = form[len(written) :]
    if rest[:1] != "n":
        sign = rest[:1] or ")"
        return [Candidate(sign, "keyword", sign)]
    count = written.count("n")
    return [Candidate(between.join(widest[count:]), "literal", between.join(names[count:]), "degrees")]
