"""The 72 examples of the specification, §14, each a case that the fixture shows."""

from __future__ import annotations

import json
import re

from .blocks import DIRECTORY, Block, read
from .fixture import fixture

EXAMPLES = read(DIRECTORY / "examples.cases")
BY_DESIGN = {30: "in () is nothing", 53: "a mistake"}


def number(block: Block) -> int:
    """Return the number of a block's example."""
    found = re.fullmatch(r"# example (\d+) of the specification", block.remarks[0])
    assert found is not None
    return int(found[1])


def test_every_example_is_a_case_and_number_23_has_three_spellings() -> None:
    assert [number(block) for block in EXAMPLES] == sorted([*range(1, 73), 23, 23])


def test_every_example_selects_some_rows_of_the_fixture_and_not_all() -> None:
    rows = {"data": sum(len(dataset["units"]) for dataset in fixture()["datasets"])}
    rows |= {name: len(fixture()[name]) for name in ("labels", "predictions")}
    parted = {
        number(block)
        for block in EXAMPLES
        if 0 < len(json.loads(block.outcome.get("ids", "[]"))) < rows[block.given.get("on", "data")]
    }
    assert parted == set(range(1, 73)) - set(BY_DESIGN)


def test_the_three_spellings_of_number_23_are_one_tree() -> None:
    assert len({block.outcome["tree"] for block in EXAMPLES if number(block) == 23}) == 1
