"""`workspace_checks()`: whether what belongs to no snapshot can be read: `CURRENT`, Collections, saved filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.collection import Collections
from metaquery.errors import FilterError, MetaqueryError, StoreError
from metaquery.saved_filters import SavedFilters
from metaquery.saved_filters.references import check_known
from metaquery.store.snapshot import current_id, published_ids
from metaquery.store.verify import Check, units_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metaquery.collection import Collection
    from metaquery.store.layout import Layout

__all__ = ["workspace_checks"]


_GO_ON = "run metaquery sync or metaquery rematerialise: either goes on with the newest snapshot that can be read"


def workspace_checks(layout: Layout) -> Iterator[Check]:
    """Check what belongs to no snapshot, and yield what was checked."""
    named = current_id(layout)
    gone = "it is gone" if named is None else f"there is no snapshot {named!r}"
    wrong = None if published_ids(layout)[-1:] == [named] else gone
    yield Check("current", "CURRENT", wrong, _GO_ON)
    try:
        records = Collections(layout).all()
    except (MetaqueryError, LookupError, TypeError, ValueError) as error:
        wrong = error.message if isinstance(error, MetaqueryError) else f"a record is damaged: {error!r}"
        yield Check("collection", "records of Collections", wrong, f"restore it in {layout.collections}, or remove it")
        records = []
    for record in records:
        if not record.live:
            yield _collection(layout, record)
    try:
        saved = SavedFilters(layout).all()
    except (OSError, StoreError) as error:
        wrong = error.message if isinstance(error, StoreError) else str(error)
        yield Check("filter", "saved filters", wrong, f"mend or remove the file in {layout.filters}")
        saved = []
    held = {entry.key: entry for entry in saved}
    for entry in saved:
        try:
            check_known(entry.text, entry.relation, held)
            wrong = None
        except FilterError as error:
            wrong = error.message
        yield Check("filter", f"saved filter {entry.reference} on {entry.relation}", wrong, _mend(entry.name))


def _mend(name: str) -> str:
    return f"save it anew: metaquery filter save {name!r} FILTER --replace"


def _collection(layout: Layout, record: Collection) -> Check:
    """Check that the members of a frozen Collection can be read, all of them, and are as many as its record says."""
    wrong = note = None
    try:
        found = record.to_arrow().num_rows
        if found != record.members:
            wrong = f"expected {record.members:,}, found {found:,}"
        gone = len(set(record.data_hashes()) - units_of(layout, record.data_hashes()))
        note = f"of {gone:,} data units that are no longer in the newest snapshot" if gone else None
    except (OSError, ValueError) as error:
        wrong = str(error).splitlines()[0]  # Arrow's are these, too
    return Check(
        "collection",
        f"members of {record.title!r}: {record.members:,}",
        wrong,
        f"restore {record.path} from a backup, or make the Collection anew with --replace",
        note,
    )
