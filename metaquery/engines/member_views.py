"""`create_views()`: the members of Collections and tags, as the views `members` and `tags` of a session of DuckDB's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from metaquery.engines.base import Membership

__all__ = ["create_views"]


def create_views(execute: Callable[..., object], memberships: Sequence[Membership], *, every: bool = True) -> None:
    """Create `members(collection, data_hash)` and `tags(data_hash, tag)`.

    `every` is whether each tag of a unit has to be there once.
    """
    if len(memberships) == 1:  # the usual case, which needs no join
        (one,) = memberships
        execute("SET VARIABLE member_title = $title", {"title": one.title})
        execute("SET VARIABLE member_file = $file", {"file": str(one.path)})
        execute("""CREATE TEMP VIEW held AS SELECT getvariable('member_title') AS collection, data_hash
            FROM read_parquet(getvariable('member_file'), hive_partitioning = false)""")
    elif memberships:
        files = [str(m.path) for m in memberships]
        execute("SET VARIABLE member_files = $files", {"files": files})
        execute(
            "CREATE TEMP TABLE collection_files AS SELECT unnest($titles) AS title, unnest($files) AS file",
            {"titles": [m.title for m in memberships], "files": files},
        )
        execute("""CREATE TEMP VIEW held AS
            SELECT f.title AS collection, m.data_hash
            FROM read_parquet(getvariable('member_files'),
                union_by_name = true, filename = true, hive_partitioning = false) m
            JOIN collection_files f ON f.file = m.filename""")
    else:
        execute("CREATE TEMP TABLE held (collection VARCHAR, data_hash VARCHAR)")
    tags = [m.title for m in memberships if m.tag]
    execute("SET VARIABLE tag_titles = $tags", {"tags": tags})
    alone = " WHERE NOT list_contains(getvariable('tag_titles'), collection)" if tags else ""
    execute(f"CREATE TEMP VIEW members AS FROM held{alone}")
    once = "DISTINCT " if every else ""  # costs 100 ms for a million members, and a semi-join needs it not
    execute(f"CREATE TEMP VIEW tags AS SELECT {once}data_hash, collection AS tag FROM held")
