"""Annotations as COCO (https://cocodataset.org/#format-data, #format-results): the statements that make it of rows.

Labels become a dataset: images, annotations, categories. Predictions become results, which are a list of boxes with
their scores that stands beside a dataset and names its ids; so an id says the same whatever was exported:

- an image's is the lower 53 bits of the MD5 of `["<data_hash>","<frame>"]`, an annotation's that of the texts of its
  relation's key: whole numbers that every reader of JSON takes, in this and every other snapshot;
- a category's is the place of its name among all classes of the snapshot that have a box: small, as models want it.

An image is a data unit, or a frame of a video that has a box; of data units, a prediction's box will do.
What COCO has no place for is told, a reason a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.schema import DATA, PREDICTIONS, Field

if TYPE_CHECKING:
    from metaquery.schema import Relation

__all__ = ["ANNOTATIONS", "CATEGORIES", "IMAGES", "LEFT_OUT", "RESULTS", "WITHOUT_IMAGE", "columns", "gathering"]

_UNIT = ("data_hash", "title", "data_type", "width", "height")
_ANNOTATION = ("project_hash", "label_hash", "annotation_id", "class", "shape", "frame", "last_frame")
_BOX = ("x", "y", "w", "h")
_MOST_FRAMES = 100_000


def columns(relation: Relation) -> tuple[Field, ...]:
    """Return the columns of a view that `gathering` takes."""
    unit = tuple(field for field in DATA.fields if field.name in _UNIT)
    if relation is DATA:
        return unit
    told = tuple(field for field in relation.fields if field.name in {*_ANNOTATION, "confidence"})
    return (*unit, *told, *(Field(name, "NUMBER", relation.qualifier) for name in _BOX))


def gathering(relation: Relation, rows: str) -> str:
    """Return SQL of the rows that all other statements are about, as the table `gathered`.

    Parameters
    ----------
    relation
        What the rows are of; of data units, all their labels are taken, and frames that have a prediction are images.
    rows
        SQL with the columns that `columns` says.
    """
    results = relation is PREDICTIONS
    scored, score = ("coalesce(isfinite(confidence), false)", "confidence, ") if results else ("true", "")
    if relation is DATA:
        theirs = f"LEFT JOIN ({_OF_UNITS}) l ON l.unit_hash = u.data_hash"
        rows = f"SELECT u.*, l.* EXCLUDE (unit_hash) FROM ({rows}) u {theirs}"
    else:
        rows = f"SELECT *, true AS own FROM ({rows})"
    return f"""
        SELECT data_hash, frame, width, height, several, sized, class, {score}annotation_id, why,
            {_id("data_hash", "frame")} AS image_id,
            {_id("data_hash", "project_hash", "label_hash", "annotation_id", "frame")} AS id,
            coalesce(title, data_hash) || CASE WHEN several THEN '/' || frame || '.jpg' ELSE '' END AS file_name,
            [x * width, y * height, w * width, h * height] AS bbox, sized AND (NOT several OR boxed) AS is_image
        FROM (SELECT * REPLACE (unnest(CASE WHEN boxed THEN generate_series(frame, greatest(frame, last_frame))
                    ELSE [frame] END) AS frame),
                {_WHY.format(scored=scored)} AS why
            FROM (SELECT * REPLACE (coalesce(frame, 0) AS frame),
                coalesce(data_type, 'image') <> 'image' OR coalesce(frame, 0) > 0 AS several,
                coalesce(width > 0 AND height > 0, false) AS sized, {_BOXED} AS boxed
                FROM ({rows})))"""


_FINITE = "coalesce(isfinite(x) AND isfinite(y) AND isfinite(w) AND isfinite(h), false)"
_BOXED = f"{_FINITE} AND w > 0 AND h > 0 AND last_frame - frame < {_MOST_FRAMES}"

_OF_UNITS = f"""
    SELECT data_hash AS unit_hash, {", ".join(f'"{name}"' for name in (*_ANNOTATION, *_BOX))}, true AS own FROM labels
    UNION ALL BY NAME
    SELECT DISTINCT data_hash AS unit_hash, frame, last_frame, 0 AS x, 0 AS y, 1 AS w, 1 AS h, false AS own
    FROM predictions WHERE {_BOXED}"""
"""The labels of data units, and the frames in which a model saw something: evaluation asks for these images, too."""


def _id(*names: str) -> str:
    """Return SQL of a whole number of 53 bits that stands for some texts; never 0, which readers take for none."""
    texts = ", ".join(f'"{name}"::VARCHAR' for name in names)
    return f"greatest((md5_number_lower(to_json([{texts}])::VARCHAR) >> 11)::BIGINT, 1)"


_WHY = f"""CASE WHEN NOT coalesce(own, false) THEN 'nothing'
    WHEN NOT {_FINITE} THEN 'no box: ' || coalesce(shape, 'no shape')
    WHEN w <= 0 OR h <= 0 THEN 'a box without extent'
    WHEN NOT boxed THEN 'more than {_MOST_FRAMES:,} frames'
    WHEN NOT sized THEN 'no width and height of the data unit'
    WHEN class IS NULL THEN 'no class'
    WHEN NOT {{scored}} THEN 'no confidence' END"""
"""Why an annotation has no place in COCO; NULL where it has, `nothing` where there is none."""

LEFT_OUT = """
    SELECT why, count(*) FROM gathered WHERE why <> 'nothing' GROUP BY why ORDER BY count(*) DESC, why"""
"""Reasons, and of how many annotations they are one."""

CATEGORIES = """
    SELECT row_number() OVER (ORDER BY class) AS id, class AS name, '' AS supercategory
    FROM (SELECT class FROM labels WHERE x IS NOT NULL UNION SELECT class FROM predictions WHERE x IS NOT NULL)
    WHERE class IS NOT NULL ORDER BY id"""

IMAGES = """
    SELECT DISTINCT image_id AS id, file_name, width, height, data_hash, frame FROM gathered
    WHERE is_image ORDER BY id"""

WITHOUT_IMAGE = """
    SELECT CASE WHEN sized THEN 'several frames, and no box' ELSE 'no width and height' END AS reason, count(*)
    FROM (SELECT bool_or(sized) AS sized FROM gathered GROUP BY data_hash HAVING NOT bool_or(is_image))
    GROUP BY reason ORDER BY count(*) DESC, reason"""
"""Why data units have no image, and how many."""

_PLACED = f"""
    FROM (SELECT *, row_number() OVER (PARTITION BY id ORDER BY class, bbox) AS n FROM gathered WHERE why IS NULL) g
    JOIN ({CATEGORIES}) c ON c.name = g.class"""
"""The annotations that have a place, with their categories; `n` tells those apart that have one key."""

ANNOTATIONS = f"""
    SELECT CASE WHEN n = 1 THEN g.id ELSE {_id("g.id", "n").replace('"g.id"', "g.id")} END AS id, image_id,
        c.id AS category_id, bbox, bbox[3] * bbox[4] AS area, 0 AS iscrowd, []::DOUBLE[] AS segmentation, annotation_id
    {_PLACED} ORDER BY 1"""

RESULTS = f"SELECT image_id, c.id AS category_id, bbox, confidence AS score {_PLACED} ORDER BY g.id, n"
