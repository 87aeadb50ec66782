"""`Selection`: rows that are to be members, as a filter, an algebra or a list of ids tells them."""

from __future__ import annotations

import getpass
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metaquery.collection.names import Named, named
from metaquery.collection.record import Provenance
from metaquery.language import canonical

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from metaquery.collection.record import Definition
    from metaquery.language import Query
    from metaquery.store.snapshot import Snapshot

__all__ = ["Selection", "provenance_of"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows of one relation of one snapshot.

    Attributes
    ----------
    relation
        Its name.
    provenance
        Says where they come from; asked when they are written.
    write
        Writes their keys to a Parquet file, and returns how many there are.
    words
        What tells them, for the record of a change.
    definition
        The text that tells them, which a live Collection follows; None where there is none.
    named
        What the text names; None as before.
    """

    relation: str
    provenance: Callable[[], Provenance]
    write: Callable[[Path], int]
    words: str
    definition: Definition | None = None
    named: Named | None = None

    @classmethod
    def of_query(
        cls,
        query: Query,
        *,
        provenance: Callable[..., Provenance],
        defined: Callable[[str, str, Named, str], Definition] | None,
        unknown: Callable[[], int],
        write: Callable[[Path], int],
        time_zone: str,
    ) -> Selection:
        """Return the rows that a bound query selects.

        Parameters
        ----------
        query
            Without a limit.
        provenance
            As `provenance_of`, of the snapshot that is asked.
        defined
            As `Evaluation.defined`; None where no Collection can follow the filter, as its workspace has no such rows.
        unknown
            Counts the rows for which the filter cannot tell.
        write
            As in `Selection`.
        time_zone
            Of the filter.
        """
        text = None if query.where is None else canonical(query.where)
        names = named(query.where)
        return cls(
            relation=query.relation.name,
            provenance=lambda: provenance(filter=text, unknown=unknown(), time_zone=time_zone),
            write=write,
            words=text or "every row",
            definition=None if defined is None else defined("filter", text or "true", names, time_zone),
            named=None if defined is None else names,
        )


def provenance_of(snapshot: Snapshot, **of: Any) -> Provenance:
    """Return where members come from that are selected in a snapshot now."""
    held = snapshot.metadata_schema
    digest = None if held is None else hashlib.blake2b(json.dumps(held, sort_keys=True).encode(), digest_size=8)
    return Provenance(
        **{"filter": None, "unknown": 0, **of},
        snapshot=snapshot.id,
        author=getpass.getuser(),
        schema=None if digest is None else digest.hexdigest(),
    )
