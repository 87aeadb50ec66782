"""`python -m tests.fuzz [--seconds 60] [--seed N]`: try mutated filters until the time is up or one does wrong."""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.golden.fixture import engine_over
from tests.golden.language import metadata_schema

from .mutations import mutated
from .target import BLOCKS, Fault, attempt, smallest

_SHOWN = 2_000
"""Characters of a text; the seed brings back the whole."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    told = parser.parse_args()
    dice = Random(told.seed)  # noqa: S311  # repeatable, not secret
    texts = [block.text for block in BLOCKS]
    with TemporaryDirectory() as folder:
        engine = engine_over(Path(folder), metadata_schema())
        tried = bound = 0
        end = time.monotonic() + told.seconds
        while time.monotonic() < end:
            block = dice.choice(BLOCKS)
            text = mutated(dice, block.text, texts)
            tried += 1
            try:
                bound += attempt(text, block, engine)
            except Fault as fault:
                sys.stderr.write(f"seed {told.seed}, text {tried}: {fault}\n{text[:_SHOWN]!r}\nwith {block.given}\n")
                sys.stderr.write(f"at least {smallest(text, block, engine)[:_SHOWN]!r}\n")
                return 1
    sys.stdout.write(f"seed {told.seed}: {tried:,} texts, {bound:,} of them filters that ran, the others refused\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
