"""Collections: a title, a description, and members, with where they came from.

Collections live outside snapshots and outlive them. One is two files: the members as Parquet, which is never changed,
and a record as JSON that names it, replaced atomically; so a change is there whole or not at all. A live Collection is
a record alone: its members are what its filter or algebra says of the snapshot at hand, and whoever needs them calls
`Collection.evaluated`. The title is a tag on every member from the moment that the record is there.
"""

from metaquery.collection.collections import Collections
from metaquery.collection.record import Change, Collection, Definition, Provenance

__all__ = ["Change", "Collection", "Collections", "Definition", "Provenance"]
