"""The cases of `grammar/cases`, one test each."""

from __future__ import annotations

import pytest

from .language import DIRECTORY, Block, read, run

CASES = [
    pytest.param(block, id=f"{path.stem}-{serial}")
    for path in sorted(DIRECTORY.glob("*.cases"))
    for serial, block in enumerate(read(path), start=1)
]


@pytest.mark.parametrize("block", CASES)
def test_case(block: Block) -> None:
    assert run(block) == block.outcome, block.text


def test_there_are_cases() -> None:
    assert len(CASES) > 200
