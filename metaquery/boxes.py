"""`Box`: where on a data unit a label or a prediction is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from metaquery.schema import LABELS, PREDICTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Box", "boxes_of"]


@dataclass(frozen=True, slots=True)
class Box:
    """Where on a data unit a label or a prediction is, in shares of width and height from the upper left corner.

    Attributes
    ----------
    data_hash, relation
        Of which unit, and whether it is of `labels` or `predictions`.
    annotation_id, class_, confidence, frame, last_frame
        Of the annotation; None where it has none.
    x, y, w, h
        The upper left corner, the width and the height, mostly from 0 to 1.
    """

    data_hash: str
    relation: str
    annotation_id: str | None
    class_: str | None
    confidence: float | None
    frame: int | None
    last_frame: int | None
    x: float
    y: float
    w: float
    h: float

    def to_json(self) -> dict[str, Any]:
        """Return it for scripts; `class_` is `class` there."""
        return {name.rstrip("_"): value for name, value in asdict(self).items()}


def boxes_of(rows: Callable[[str, Sequence[Any]], list[Any]], units: Sequence[str], *, most: int) -> list[Box]:
    """Return the boxes of some data units: labels first, then predictions, each by unit and frame.

    Parameters
    ----------
    rows
        Runs a statement on a snapshot.
    units
        Data hashes.
    most
        Boxes of each of the two at most.
    """
    found = []
    for relation in (LABELS, PREDICTIONS):
        statement = (
            'SELECT data_hash, annotation_id, "class", confidence, frame, last_frame, x, y, w, h '
            f"FROM {relation.name} WHERE data_hash IN (SELECT unnest(?)) "
            "AND isfinite(x) AND isfinite(y) AND isfinite(w) AND isfinite(h) "
            "ORDER BY data_hash, frame, annotation_id LIMIT ?"
        )
        for data_hash, *rest in rows(statement, [list(units), most]):
            found.append(Box(data_hash, relation.name, *rest))
    return found
