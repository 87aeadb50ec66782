"""A corrected schema keeps what fits, corrects what does not, and adds what is not there."""

from __future__ import annotations

from typing import Any

import pytest

from metaquery.corrections import Correction, propose
from metaquery.schema import MetadataSchema
from metaquery.store.evidence import Evidence, Look
from metaquery.store.snapshot import KeyCount

STRING = {"ty": "variant", "hint": "varchar"}


def of(type_: str, valid: int, *looks: Look, key: str = "key") -> Evidence:
    """Return the evidence of a key that was typed as `type_`."""
    invalid = sum(look.rows for look in looks) - valid
    return Evidence(
        KeyCount(key, type_, inferred=False, valid=valid, missing=0, invalid=invalid, example=None), looks, ()
    )


def corrected(now: Any, found: Evidence, **options: Any) -> Correction:
    schema = MetadataSchema.from_json({} if now is None else {found.key.name: now})
    proposal = propose(schema, [found], **options)
    (correction,) = proposal.corrections
    assert proposal.schema.options.get(found.key.name) == correction.proposed
    assert MetadataSchema.from_json(proposal.schema.to_json()) == proposal.schema
    return correction


def look(form: str, rows: int, *, size: int | None = None, different: int | None = None, longest: int = 5) -> Look:
    return Look(form, size, rows, rows if different is None else different, longest, '"x"')


@pytest.mark.parametrize(
    ("looks", "proposed"),
    [
        ([look("string", 423)], STRING),
        ([look("string", 1_770), look("number", 14)], STRING),
        ([look("string", 9, longest=9_000)], {"ty": "variant", "hint": "text"}),
        ([look("number", 95), look("string", 5)], {"ty": "variant", "hint": "number"}),
        ([look("number", 60), look("string", 40)], {"ty": "variant", "hint": "number"}),
        ([look("string", 60), look("number", 40)], STRING),
        ([look("quoted number", 50)], STRING),
        ([look("boolean", 50)], {"ty": "variant", "hint": "boolean"}),
        ([look("quoted boolean", 50)], STRING),
        ([look("datetime", 95), look("string", 5)], {"ty": "variant", "hint": "datetime"}),
        ([look("datetime", 50), look("day", 50)], {"ty": "variant", "hint": "datetime"}),
        ([look("day", 50)], STRING),
        ([look("datetime", 50), look("string", 50)], STRING),
        ([look("uuid", 50)], {"ty": "variant", "hint": "uuid"}),
        ([look("point", 50), look("object", 2)], {"ty": "geospatial"}),
        ([look("vector", 50, size=512), look("vector", 2, size=1)], {"ty": "embedding", "size": 512, "api": None}),
        ([look("list", 50), look("object", 50)], None),
    ],
)
def test_a_key_that_is_not_in_the_schema_gets_the_type_that_its_values_have(
    looks: list[Look], proposed: dict[str, Any] | None
) -> None:
    assert corrected(None, of("STRING", 0, *looks)).proposed == proposed


def test_the_seeds_mistake_is_corrected() -> None:
    correction = corrected("datetime", of("DATETIME", 0, look("string", 423)))
    assert (correction.now, correction.proposed) == ({"ty": "variant", "hint": "datetime"}, STRING)


def test_a_type_that_most_values_fit_stays() -> None:
    found = of("DATETIME", 1_763, look("datetime", 1_763), look("string", 19))
    assert not corrected("datetime", found).changes
    assert corrected("datetime", found, invalid_share=0.0).proposed == STRING


def test_how_many_values_may_be_invalid_can_be_chosen() -> None:
    found = of("NUMBER", 50, look("number", 50), look("string", 70))
    assert corrected("number", found).proposed == STRING
    assert not corrected("number", found, invalid_share=0.6).changes


def test_a_type_that_no_other_betters_stays_and_is_remarked() -> None:
    correction = corrected("boolean", of("BOOLEAN", 10, look("boolean", 10), look("string", 5), look("list", 5)))
    assert (correction.changes, correction.remark) == (False, "no other type fits more values")


def test_a_schema_that_was_corrected_since_the_values_were_typed_is_not_corrected_back() -> None:
    assert not corrected("string", of("DATETIME", 0, look("string", 423))).changes
    assert not corrected({"ty": "enum", "values": ["x"]}, of("DATETIME", 0, look("string", 423))).changes


def test_what_else_the_schema_has_is_kept_whole() -> None:
    schema = MetadataSchema.from_json(
        {
            "gone": {"ty": "tombstone", "deleted_ty": None},
            "key": "datetime",
            "plate": {"ty": "varchar", "max_length": 9},
        }
    )
    proposal = propose(schema, [of("DATETIME", 0, look("string", 9)), of("NUMBER", 9, look("number", 9), key="new")])
    assert list(proposal.schema.options) == ["gone", "key", "plate", "new"]
    assert {k: v for k, v in proposal.schema.options.items() if k in {"gone", "plate"}} == {
        k: v for k, v in schema.options.items() if k in {"gone", "plate"}
    }


@pytest.mark.parametrize("key", ["it's", "$x", "keyframes", " "])
def test_a_key_that_encord_does_not_allow_is_left_out_and_named(key: str) -> None:
    correction = corrected(None, of("NUMBER", 9, look("number", 9), key=key))
    assert correction.proposed is None
    assert "key" in correction.remark


def test_few_different_texts_are_remarked_and_no_enum_is_made_of_them() -> None:
    correction = corrected("string", of("STRING", 500, look("string", 500, different=4)))
    assert (correction.changes, correction.remark) == (False, "only 4 different texts: an enum?")
    assert corrected("string", of("STRING", 30, look("string", 30, different=4))).remark == ""


def test_texts_that_are_all_dates_are_remarked() -> None:
    correction = corrected("string", of("STRING", 500, look("datetime", 500)))
    assert (correction.changes, correction.remark) == (False, "all of its texts are datetimes")


def test_a_key_without_values_is_as_it_was() -> None:
    assert not corrected("datetime", of("DATETIME", 0)).changes
    assert corrected(None, of("STRING", 0)).remark == "every value is null: no type can be told"
