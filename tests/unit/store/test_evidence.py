"""What values look like is counted over every row, whatever type they were taken for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from metaquery.engines.duckdb import DuckDBEngine
from metaquery.schema import MetadataSchema
from metaquery.store.chain import Chain
from metaquery.store.evidence import Evidence, evidence, looks_of_misfits
from metaquery.store.materialise import materialise
from metaquery.store.spool import Part, Spool

Make = Callable[..., tuple[Part, Spool]]

VALUES: dict[str, list[Any]] = {
    "numbers": [1, -2.5, 12345678901234567890123],
    "booleans": [True, False],
    "datetimes": ["2023-01-02", "2023-01-02T10:20:30+02:00", "2023-01-02 10:20Z"],
    "days without hyphens": ["20230102"],
    "UUIDs": ["3fa85f64-5717-4562-b3fc-2c963f66afa6"],
    "numbers in quotes": ["12", "-1,5", "1.5e3", "20239999"],
    "booleans in quotes": ["true", "FALSE"],
    "empty strings": [""],
    "strings": ["Paris", "2023-02-30", "it's", 'a "quoted" \\ one', "Åsa\n", "v", "12 m"],
    "geospatial objects": [{"latitude": 1.5, "longitude": -2}],
    "objects": [{}, {"latitude": 91, "longitude": 0}],
    "lists of 2 numbers": [[1, 2.5]],
    "lists of 1 number": [[7]],
    "lists": [[], ["a"], [1, None]],
}


def looked_at(tmp_path: Path, spooled: tuple[Part, Spool], schema: dict[str, Any]) -> dict[str, Evidence]:
    chain = Chain(spooled[0], (spooled[1],))
    made = materialise([chain], MetadataSchema.from_json(schema), tmp_path / "s.duckdb")
    engine = DuckDBEngine(tmp_path / "s.duckdb")
    found = evidence(engine.rows, SimpleNamespace(keys=made.keys, schema=made.schema))  # type: ignore[arg-type]
    engine.close()
    return {one.key.name: one for one in found}


def counts(found: Evidence) -> dict[str, int]:
    return {look.plural: look.rows for look in found.looks}


@pytest.mark.parametrize(
    "option",
    ["datetime", "string", "number", "uuid", "geospatial", "boolean", {"ty": "enum", "values": ["Paris"]}],
)
def test_every_value_is_counted_by_its_form_whatever_its_type(tmp_path: Path, units: Make, option: Any) -> None:
    documents = [{"key": value} for values in VALUES.values() for value in values] + [{}, {"key": None}, {"other": 1}]
    found = looked_at(tmp_path, units(documents), {"key": option, "other": "number"})["key"]
    expected = {form: len(values) for form, values in VALUES.items()}
    if option == "datetime":
        # A column of instants no longer tells how they were written.
        expected["datetimes"] += expected.pop("days without hyphens")
    assert counts(found) == expected
    assert sum(look.rows for look in found.misfits) == found.key.invalid
    assert sum(look.rows for look in found.looks) == found.key.valid + found.key.invalid


def test_numbers_that_no_column_can_hold_are_a_form_of_their_own(tmp_path: Path, units: Make) -> None:
    found = looked_at(tmp_path, units([{"n": float("inf")}, {"n": 1}]), {"n": "number"})["n"]
    assert counts(found) == {"numbers": 1, "numbers out of range": 1}


def test_the_example_is_the_value_that_is_there_most_often(tmp_path: Path, units: Make) -> None:
    found = looked_at(tmp_path, units([{"c": c} for c in ("Ålesund", "Oslo", "Oslo", "Aarhus")]), {"c": "number"})["c"]
    (look,) = found.looks
    assert (look.example, look.different, look.longest) == ('"Oslo"', 3, len("Ålesund".encode()))


def test_keys_outside_the_schema_have_evidence_too(tmp_path: Path, units: Make) -> None:
    documents = [{"v": [1, 2], "x": "a"}, {"v": [3, 4], "x": 1}, {"n": None}]
    found = looked_at(tmp_path, units(documents), {})
    assert {name: counts(one) for name, one in found.items()} == {
        "n": {},
        "v": {"lists of 2 numbers": 2},
        "x": {"strings": 1, "numbers": 1},
    }


def test_a_glance_looks_at_a_few_of_the_misfits_of_one_key(tmp_path: Path, units: Make) -> None:
    documents = [{"a": 1, "b": 1}] * 30
    part, spool = units(documents)
    materialise(
        [Chain(part, (spool,))], MetadataSchema.from_json({"a": "string", "b": "string"}), tmp_path / "s.duckdb"
    )
    engine = DuckDBEngine(tmp_path / "s.duckdb")
    (look,) = looks_of_misfits(engine.rows, ["b"], at_most=10)["b"]
    assert (look.plural, look.rows) == ("numbers", 10)
    assert looks_of_misfits(engine.rows, ["c"]) == {}
    assert {name: looks[0].rows for name, looks in looks_of_misfits(engine.rows).items()} == {"a": 30, "b": 30}
    engine.close()
