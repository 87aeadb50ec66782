"""`collection_html()`: what a notebook shows of a Collection; every text in it is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metaquery.collection.record import Collection

__all__ = ["collection_html"]


def collection_html(collection: Collection) -> str:
    """Return a Collection's title, description, kind, number of members and what told them."""
    came = collection.provenance
    told = collection.definition.text if collection.definition is not None else came.algebra or came.filter
    kind = {"static": "Collection", "live": "live Collection", "tag": "tag"}[collection.kind]
    then = " when it was made" if collection.live else ""
    return (
        f"<div><p><b>{escape(collection.title)}</b>, a {kind} of {collection.members:,} "
        f"{escape(collection.relation)}{then}</p>"
        + (f"<p>{escape(collection.description)}</p>" if collection.description else "")
        + (f"<pre><code>{escape(told)}</code></pre>" if told else "")
        + f"<p><small>made {collection.created_at:%Y-%m-%d %H:%M} UTC by {escape(came.author)}, "
        f"snapshot {escape(came.snapshot)}</small></p></div>"
    )
