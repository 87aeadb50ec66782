"""Label rows to the tables `labels` and `predictions`.

Encord keeps both in label rows. What is a prediction is metaquery's rule (`encord-wire-protocol.md` §6.6): any
annotation on a branch other than `main`, or one that says `manualAnnotation: false`.

An object is a row a frame; a classification is a row a range of frames, as a video of an hour has 100,000 of them.
`class` is the ontology's value (`traffic_light`), which the Editor shows as "Traffic light".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metaquery.store.pages import ANNOTATIONS, LABEL_ROWS, annotation_rows

if TYPE_CHECKING:
    import duckdb

    from metaquery.store.chain import Chain

__all__ = ["create_annotations", "insert_annotations"]

_COLUMNS = (
    "data_hash VARCHAR, project_hash VARCHAR, project_title VARCHAR, label_hash VARCHAR, annotation_id VARCHAR, "
    "class VARCHAR, shape VARCHAR, answer VARCHAR, annotator VARCHAR, stage VARCHAR, confidence DOUBLE, "
    "model VARCHAR, frame BIGINT, last_frame BIGINT, created_at TIMESTAMPTZ, x DOUBLE, y DOUBLE, w DOUBLE, h DOUBLE"
)


def _instant(text: str) -> str:
    """Return SQL for the two forms of time in labels: RFC 1123 in `UTC`, and `YYYY-MM-DD HH:MM:SS` (§6.2)."""
    return (
        f"coalesce(try_cast({text} AS TIMESTAMPTZ), "
        f"try_strptime({text}, '%a, %d %b %Y %H:%M:%S UTC') AT TIME ZONE 'UTC')"
    )


_ROWS = f"""
    CREATE OR REPLACE TEMP TABLE annotation_rows AS
    SELECT a.label_hash, m.data_hash, m.branch_name, m.stage, a.data_units, a.classification_answers
    FROM $reader a
    JOIN (SELECT label_hash, any_value(data_hash) AS data_hash,
                any_value(coalesce(branch_name, 'main')) AS branch_name,
                any_value(workflow_graph_node->>'title') AS stage
            FROM {LABEL_ROWS} WHERE label_hash IS NOT NULL GROUP BY label_hash) m
        ON m.label_hash = a.label_hash
    WHERE a.label_hash NOT IN (SELECT name FROM superseded WHERE generation > $generation)"""

_ONCE = " QUALIFY row_number() OVER (PARTITION BY a.label_hash) = 1"
"""Where the server sent a label row twice: its annotations count once."""

_OBJECTS = f"""
    INSERT INTO annotations
    WITH units AS (
        SELECT * EXCLUDE (data_units, classification_answers),
            unnest(map_values(data_units::MAP(VARCHAR, JSON))) AS unit
        FROM annotation_rows),
    frames AS (
        SELECT * EXCLUDE (unit), unnest(CASE
            WHEN json_exists(unit, '$.labels.objects') OR json_exists(unit, '$.labels.classifications')
            THEN [{{'key': coalesce(unit->>'data_sequence', '0'), 'value': unit->'labels'}}]
            ELSE map_entries((unit->'labels')::MAP(VARCHAR, JSON)) END) AS frame
        FROM units WHERE json_type(unit->'labels') = 'OBJECT'),
    objects AS (
        SELECT * EXCLUDE (frame), try_cast(frame.key AS BIGINT) AS frame,
            unnest((frame.value->'objects')::JSON[]) AS o
        FROM frames WHERE json_type(frame.value->'objects') = 'ARRAY')
    SELECT data_hash, $project_hash, $project_title, label_hash, o->>'objectHash',
        coalesce(o->>'value', o->>'name'), o->>'shape', NULL, o->>'createdBy', stage,
        try_cast(o->>'confidence' AS DOUBLE), CASE WHEN branch_name <> 'main' THEN branch_name END, frame, frame,
        {_instant("(o->>'createdAt')")},
        try_cast(o->>'$.boundingBox.x' AS DOUBLE), try_cast(o->>'$.boundingBox.y' AS DOUBLE),
        try_cast(o->>'$.boundingBox.w' AS DOUBLE), try_cast(o->>'$.boundingBox.h' AS DOUBLE),
        branch_name <> 'main' OR coalesce((o->>'manualAnnotation') = 'false', false)
    FROM objects"""

_CLASSIFICATIONS = f"""
    INSERT INTO annotations
    WITH entries AS (
        SELECT * EXCLUDE (data_units, classification_answers),
            unnest(map_values(classification_answers::MAP(VARCHAR, JSON))) AS c
        FROM annotation_rows WHERE json_type(classification_answers) = 'OBJECT'),
    ranges AS (
        SELECT *, unnest(CASE WHEN json_array_length(c->'range') > 0
            THEN (c->'range')::BIGINT[][] ELSE [[0, 0]] END) AS frames
        FROM entries)
    SELECT data_hash, $project_hash, $project_title, label_hash, c->>'classificationHash',
        coalesce(c->>'$.classifications[0].value', c->>'$.classifications[0].name'), 'classification',
        CASE json_type(c->'$.classifications[0].answers')
            WHEN 'ARRAY' THEN array_to_string(json_extract_string(c, '$.classifications[0].answers[*].value'), ', ')
            ELSE c->>'$.classifications[0].answers' END,
        c->>'createdBy', stage, try_cast(c->>'confidence' AS DOUBLE),
        CASE WHEN branch_name <> 'main' THEN branch_name END, frames[1], frames[2],
        {_instant("(c->>'createdAt')")}, NULL, NULL, NULL, NULL,
        branch_name <> 'main' OR coalesce((c->>'manualAnnotation') = 'false', false)
    FROM ranges"""


_FLAT = f"""
    INSERT INTO annotations
    SELECT data_hash, $project_hash, coalesce(project_title, $project_title), label_hash, annotation_id, class, shape,
        answer, annotator, stage, try_cast(confidence AS DOUBLE), model, coalesce(try_cast(frame AS BIGINT), 0),
        coalesce(try_cast(last_frame AS BIGINT), try_cast(frame AS BIGINT), 0), {_instant("created_at")},
        try_cast(x AS DOUBLE), try_cast(y AS DOUBLE), try_cast(w AS DOUBLE), try_cast(h AS DOUBLE), predicted
    FROM {ANNOTATIONS}
    WHERE data_hash NOT IN (SELECT name FROM superseded WHERE generation > $generation)"""
"""Rows of files; those of one data unit are replaced together."""


_TEXTS = ("project_title", "class", "answer", "annotator", "stage", "model")
"""What people have written; it is kept in Unicode's form NFC, as filters are read in."""


def create_annotations(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables, empty."""
    connection.execute(f"CREATE TABLE labels ({_COLUMNS}, unit INTEGER)")
    connection.execute(f"CREATE TABLE predictions ({_COLUMNS}, unit INTEGER)")


def insert_annotations(connection: duckdb.DuckDBPyConnection, chain: Chain, *, since: int = 0) -> int:
    """Add the labels and predictions of one project, or of one file.

    Parameters
    ----------
    connection
        To a file that has the table `data`.
    chain
        The project's generations.
    since
        Number of the first generation whose rows are added.

    Returns
    -------
    int
        Annotations that are left out, as their data unit is not there.
    """
    left_out = 0
    if chain.part.origin:
        chain.supersede(connection, "index", "data_hash")
        for generation, _, files in chain.generations("annotations"):
            if generation >= since:
                left_out += _insert_flat(connection, chain, {"files": files, "generation": generation})
        return left_out
    chain.supersede(connection, "label_rows", "label_hash")
    for generation, spool, files in chain.generations("labels"):
        if generation >= since:
            listed = [str(file) for file in spool.files("label_rows")]
            read = annotation_rows(spool.checkpoint.largest).replace("$files", "$labels")
            parameters = {"labels": files, "files": listed, "generation": generation}
            rows = (_ROWS + (_ONCE if spool.checkpoint.duplicates else "")).replace("$reader", read)
            connection.execute(rows, parameters)
            left_out += _insert(connection, chain)
    return left_out


def _insert(connection: duckdb.DuckDBPyConnection, chain: Chain) -> int:
    connection.execute(f"CREATE OR REPLACE TEMP TABLE annotations ({_COLUMNS}, predicted BOOLEAN)")
    project = {"project_hash": chain.part.hash, "project_title": chain.part.title}
    connection.execute(_OBJECTS, project)
    connection.execute(_CLASSIFICATIONS, project)
    connection.execute("DROP TABLE annotation_rows")
    return _placed(connection)


def _insert_flat(connection: duckdb.DuckDBPyConnection, chain: Chain, parameters: dict[str, Any]) -> int:
    connection.execute(f"CREATE OR REPLACE TEMP TABLE annotations ({_COLUMNS}, predicted BOOLEAN)")
    project = {"project_hash": chain.part.hash, "project_title": chain.part.title}
    connection.execute(_FLAT, {**project, **parameters})
    return _placed(connection)


def _placed(connection: duckdb.DuckDBPyConnection) -> int:
    """Move `annotations` to their tables; return how many have no data unit."""
    inserted = 0
    composed = ", ".join(f"nfc_normalize(a.{name}) AS {name}" for name in _TEXTS)
    for table, wanted in (("labels", "NOT predicted"), ("predictions", "predicted")):
        (rows,) = connection.execute(
            f"INSERT INTO {table} SELECT a.* EXCLUDE (predicted) REPLACE ({composed}), d.unit FROM annotations a "
            f"JOIN data d ON d.data_hash = a.data_hash WHERE {wanted}"
        ).fetchall()[0]
        inserted += rows
    (total,) = connection.execute("SELECT count(*) FROM annotations").fetchall()[0]
    connection.execute("DROP TABLE annotations")
    return int(total - inserted)
