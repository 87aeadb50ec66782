"""Bird strikes: 10,000 real records of collisions of aircraft with wildlife, 1990 to 2002.

Origin, licence and what was changed: `birdstrikes.LICENCE.md`. Each record is one data unit, a plain-text report.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Final

import pyarrow as pa
from pyarrow import parquet

from metaquery.errors import UsageError
from metaquery.sandbox.drawing import draw_card
from metaquery.sandbox.identity import short_hash
from metaquery.sandbox.source import DatasetPlan, Media, Opened, ProjectPlan, UnitLabels

__all__ = ["SCHEMA", "BirdStrikes"]

_TEXT: Final = {"ty": "variant", "hint": "varchar"}
_NUMBER: Final = {"ty": "variant", "hint": "number"}

SCHEMA: Final[dict[str, Any]] = {
    "Airport Name": _TEXT,
    "Aircraft Make Model": _TEXT,
    "Effect Amount of damage": _TEXT,
    "Flight Date": {"ty": "variant", "hint": "datetime"},
    "Aircraft Airline Operator": _TEXT,
    "Origin State": _TEXT,
    "Phase of flight": _TEXT,
    "Wildlife Size": {"ty": "enum", "values": ["Large", "Medium", "Small"]},
    "Wildlife Species": _TEXT,
    "Time of day": {"ty": "enum", "values": ["Dawn", "Day", "Dusk", "Night"]},
    "Cost Other": _NUMBER,
    "Cost Repair": _NUMBER,
    "Cost Total": _NUMBER,
    "Speed IAS in knots": _NUMBER,
}


class BirdStrikes:
    """A `UnitSource` of bird strikes, in the order of the file.

    Parameters
    ----------
    units
        How many of the records, all of them unless given.
    seed
        Names the units; the records are what they are.
    """

    folder = "Bird strikes"
    description = "Wildlife strikes reported to the US FAA, by way of vega-datasets"
    bucket = "s3://bird-strikes"
    datasets = (DatasetPlan("Bird strikes", description, 0, 1),)
    projects = (ProjectPlan("Bird strikes", "Reports to be looked through", ("Bird strikes",)),)
    branches = ("main",)
    ontology_title = "Damage"
    ontology: Final[dict[str, Any]] = {
        "objects": [
            {
                "id": "1", "name": "Damage", "color": "#D33115", "shape": "text", "value": "damage",
                "featureNodeHash": short_hash(b"damage"), "required": False, "archived": False, "attributes": [],
            }
        ],
        "classifications": [],
        "skeleton_templates": [],
    }  # fmt: skip
    schema = SCHEMA

    def __init__(self, units: int | None = None, seed: int = 7) -> None:
        file = files("metaquery.sandbox") / "birdstrikes.parquet"
        column = parquet.read_table(pa.BufferReader(file.read_bytes()))["client_metadata"]
        if units is not None and units > len(column):
            raise UsageError(f"there are {len(column):,} bird strikes, not {units:,}")
        self._records: list[str] = column.to_pylist()[:units]
        self.units = len(self._records)
        self.seed = seed

    def name(self, unit: int) -> str:
        """File name of a report."""
        return f"strike_{unit:05d}.txt"

    def media(self, unit: int) -> Media:
        """Give the report as a text file."""
        size = len(self._records[unit].encode())
        return Media("PLAIN_TEXT", "text/plain", None, None, 1, None, None, size)

    def metadata(self, unit: int) -> str:
        """Give the record as JSON text."""
        return self._records[unit]

    def opened(self, unit: int, project: int, branch: str) -> Opened | None:  # noqa: ARG002
        """Nobody has labelled the reports."""
        return None

    def labels(self, unit: int, project: int, branch: str) -> UnitLabels:  # noqa: ARG002
        """Nobody has labelled the reports."""
        return UnitLabels((), None)

    def picture(self, unit: int) -> str:
        """Draw a card with the record's first lines."""
        record = json.loads(self._records[unit])
        return draw_card(self.name(unit), [f"{key}: {value}" for key, value in record.items()])
