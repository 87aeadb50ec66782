"""Of each key of random documents, valid, missing and invalid units are all units, and as many as the oracle counts."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

from hypothesis import given

from metaquery.store.evidence import evidence
from tests.budget import cases

from .oracle_reading import INVALID, MISSING, read_value
from .reading import kinds
from .stored import stored
from .worlds import RawWorld, worlds


@given(raw=worlds())
@cases(24)
def test_every_unit_is_accounted_for_in_each_key(raw: RawWorld) -> None:
    there = stored(raw)
    types = kinds(raw, there.schema)
    documents = [dict(reversed(unit.members)) if unit.whole is None else {} for unit in raw.units]
    assert [key.name for key in there.keys] == list(there.schema.names())
    for key in there.keys:
        read = [read_value(document.get(key.name), types[key.name]) for document in documents]
        told = Counter("missing" if x is MISSING else "invalid" if x is INVALID else "valid" for x in read)
        assert (key.valid, key.missing, key.invalid) == (told["valid"], told["missing"], told["invalid"])
        assert key.valid + key.missing + key.invalid == len(raw.units)
    for one in evidence(there.engine.rows, SimpleNamespace(keys=there.keys, schema=there.schema)):  # type: ignore[arg-type]
        assert sum(look.rows for look in one.looks) == one.key.valid + one.key.invalid
        assert sum(look.rows for look in one.misfits) == one.key.invalid
