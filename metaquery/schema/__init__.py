"""The vocabulary: field types, fields, relations, the organisation's metadata schema. Pure: no I/O, no third party."""

from metaquery.schema.field_types import FIELD_TYPES, FieldType
from metaquery.schema.fields import Field, Qualifier, Schema
from metaquery.schema.metadata_schema import MetadataSchema
from metaquery.schema.relations import DATA, LABELS, PREDICTIONS, RELATIONS, Relation, relation_named

__all__ = [
    "DATA",
    "FIELD_TYPES",
    "LABELS",
    "PREDICTIONS",
    "RELATIONS",
    "Field",
    "FieldType",
    "MetadataSchema",
    "Qualifier",
    "Relation",
    "Schema",
    "relation_named",
]
