"""SQL of the pages of a generated workspace: what Python's `json` takes three minutes a million units to write.

A unit is computed from its number: `hash` is the dice, so that the same version of DuckDB makes the same units.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

__all__ = ["PAGE", "label_pages", "unit_pages"]

PAGE = 1_000
"""Units a page."""

_AT_ONCE = 50 * PAGE
"""Units a statement."""

_CITIES = "['Paris', 'Oslo', 'Lyon', 'Bergen', 'Berlin', 'Rome', 'Madrid', 'Aarhus', 'Malmö', 'Porto']"
_WEATHER = "['clear', 'fog', 'overcast', 'rain', 'snow']"
_CLASSES = "['car', 'truck', 'bus', 'bicycle', 'pedestrian', 'traffic_light']"
_FORMS = ("%Y%m%d", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.25+02:00")
_MISFITS = """['"n/a"', '[1]', '7', '"true"', '{"value": 1}']"""

_CAPTURED = "(TIMESTAMP '2021-01-01' + to_minutes((hash(n, 'captured') % 2102400)::BIGINT))"
_BRANCHES = "['main', 'model-v1']"
_LABELLED = 0.6

_VALUES = {
    "captured_at": "CASE hash(n, 'form') % 4 "
    + " ".join(f"WHEN {at} THEN strftime({_CAPTURED}, '\"{form}\"')" for at, form in enumerate(_FORMS))
    + " END",
    "city": """'"' || {city} || '"'""",
    "dark": f"(hour({_CAPTURED}) NOT BETWEEN 6 AND 17)::VARCHAR",
    "speed": "round({speed} * 130, 1)::VARCHAR",
    "temperature": "round({temperature} * 40 - 8, 1)::VARCHAR",
    "weather": """'"' || {weather} || '"'""",
    "rig": """'"' || md5('rig' || n)::UUID || '"'""",
    "frame rate": "(24 + hash(n, 'rate') % 3)::VARCHAR",
    "site-id": """'"site-' || lpad((hash(n, 'site') % 1000)::VARCHAR, 4, '0') || '"'""",
    "video.description": "'\"a street with ' || hash(n, 'cars') % 10 || ' cars and ' || hash(n, 'people') % 10 "
    "|| ' people, scene ' || n || '\"'",
    "reviewed_at": f"strftime({_CAPTURED}, '\"%Y-%m-%dT%H:%M:%SZ\"')",
    "note": "'\"über note ' || n || ': 50% checked\"'",
}
"""JSON text of each key's value."""


def _share(salt: str) -> str:
    return f"hash(n, '{salt}')::DOUBLE / 18446744073709551616"


def _one_of(choices: str, salt: str) -> str:
    return f"{choices}[1 + (hash(n, '{salt}') % len({choices}))::INTEGER]"


def _metadata() -> str:
    """Return SQL of a unit's client metadata: 10 % of the values missing, 1 % wrongly typed."""
    chosen = {
        "{city}": _one_of(_CITIES, "city"),
        "{weather}": _one_of(_WEATHER, "weather"),
        "{speed}": _share("speed"),
        "{temperature}": _share("temperature"),
    }
    members = []
    for key, sql in _VALUES.items():
        value = sql
        for name, choice in chosen.items():
            value = value.replace(name, choice)
        misfit = _one_of(_MISFITS, f"misfit {key}")
        chance = _share(f"chance {key}")
        members.append(
            f"""CASE WHEN {chance} >= 0.1 THEN '"{key}": ' ||
                CASE WHEN {chance} < 0.11 THEN {misfit} ELSE {value} END END"""
        )
    return f"'{{' || concat_ws(', ', {', '.join(members)}) || '}}'"


_UNIT = f"""'{{"data_hash": "' || md5('unit' || n)::UUID || '", "data_title": "scene_' || lpad(n::VARCHAR, 8, '0')
    || '.jpg", "data_type": "IMAGE", "created_at": "2024-05-01 12:00:06", "last_edited_at": "2024-05-01 12:00:06", '
    || '"width": 1280, "height": 720, "file_size": ' || 50000 + hash(n, 'size') % 450000
    || ', "frames_per_second": null, "duration": null, "client_metadata": ' || {_metadata()}
    || ', "backing_item_uuid": "' || md5('item' || n)::UUID || '"}}'"""

_LISTED = """'{"data_hash": "' || md5('unit' || n)::UUID || '", "index": ' || n || ', "digest": 0}'"""

_NAMED = """'"label_hash": "' || md5(n || branch)::UUID || '", "data_hash": "' || md5('unit' || n)::UUID
    || '", "branch_name": "' || branch || '"'"""

_OBJECT = f"""'{{"objectHash": "' || substr(md5(n || branch || o), 1, 10) || '", "value": "' || {_CLASSES}[1 +
    (hash(n, branch, o) % len({_CLASSES}))::INTEGER] || '", "shape": "bounding_box", "confidence": '
    || round(hash(n, o, branch)::DOUBLE / 18446744073709551616, 3) || ', "manualAnnotation": true, '
    || '"boundingBox": {{"x": 0.1, "y": 0.2, "w": 0.3, "h": 0.4}}}}'"""

_LABELS = f"""'{{' || {_NAMED} || ', "data_units": {{"' || md5('unit' || n)::UUID
    || '": {{"data_sequence": 0, "labels": {{"objects": [' || list_aggregate(list_transform(
        range((1 + hash(n, branch, 'boxes') % 3)::BIGINT), lambda o: {_OBJECT}), 'string_agg', ', ')
    || '], "classifications": []}}}}}}, "classification_answers": {{}}}}'"""

_LABEL_ROW = f"""'{{' || {_NAMED} || ', "workflow_graph_node": {{"title": "Annotate 1"}}}}'"""


def unit_pages(connection: duckdb.DuckDBPyConnection, units: int) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """Yield pages of data rows, and those of the index beside them, some fifty at a time."""
    yield from _pages(connection, units, f"{_UNIT}, {_LISTED}", "range($from, $to) t(n)")


def label_pages(connection: duckdb.DuckDBPyConnection, units: int) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """Yield pages of labels, and of their label rows: of each branch, six in ten units, one to three boxes each."""
    source = f"(SELECT n, unnest({_BRANCHES}) AS branch FROM range($from, $to) t(n))"
    chance = "hash(n, branch)::DOUBLE / 18446744073709551616"
    yield from _pages(connection, units, f"{_LABELS}, {_LABEL_ROW}", f"{source} WHERE {chance} < {_LABELLED}")


def _pages(
    connection: duckdb.DuckDBPyConnection, units: int, selected: str, source: str
) -> Iterator[tuple[list[bytes], list[bytes]]]:
    for start in count(0, _AT_ONCE):
        if start >= units:
            return
        rows = connection.execute(
            f"""SELECT string_agg(main, ',' ORDER BY n), string_agg(listed, ',' ORDER BY n)
            FROM (SELECT n, {selected} FROM {source}) a(n, main, listed) GROUP BY n // {PAGE} ORDER BY n // {PAGE}""",
            {"from": start, "to": min(start + _AT_ONCE, units)},
        ).fetchall()
        yield [f"[{main}]".encode() for main, _ in rows], [f"[{listed}]".encode() for _, listed in rows]
