"""A schema with a field of every type, for tests of the language."""

from __future__ import annotations

from metaquery.schema import DATA, Field, Schema

FIELDS = (
    Field("dark", "BOOLEAN"),
    Field("captured_at", "DATETIME"),
    Field("reviewed_at", "DATETIME"),
    Field("city", "STRING"),
    Field("note", "STRING"),
    Field("speed", "NUMBER"),
    Field("temperature", "NUMBER"),
    Field("weather", "ENUM", values=("fog", "rain", "sun")),
    Field("rig", "UUID"),
    Field("loc", "POINT"),
    Field("vector", "VECTOR", size=3),
    Field("frame rate", "NUMBER"),
    Field("site-id", "STRING"),
    Field("video.description", "STRING"),
    Field("in", "BOOLEAN"),
)

SCHEMA = Schema.of(FIELDS, reserved=[field.name for field in DATA.fields], deleted=["gone"])
