"""Read, run and rewrite `grammar/cases/words.json`; `python -m tests.golden.words --update` rewrites the words."""

from __future__ import annotations

import json
import sys

from metaquery.language.words import in_words

from .blocks import DIRECTORY, Block, json_line
from .language import compiled, options_of

PATH = DIRECTORY / "words.json"


def read() -> dict[str, list[Block]]:
    """Return the cases by subject; `words` is what comes out of each."""
    subjects = json.loads(PATH.read_text(encoding="utf-8"))
    return {subject: [_block(case) for case in cases] for subject, cases in subjects.items()}


def _block(case: dict[str, str]) -> Block:
    return Block((), {k: v for k, v in case.items() if k != "words"}, {"words": case["words"]})


def write(subjects: dict[str, list[Block]]) -> None:
    lists = []
    for subject, blocks in subjects.items():
        cases = ",\n".join([f"    {json_line(block.given | block.outcome)}" for block in blocks])
        lists.append(f"  {json.dumps(subject)}: [\n{cases}\n  ]")
    PATH.write_text("{\n" + ",\n".join(lists) + "\n}\n", encoding="utf-8")


def run(block: Block) -> dict[str, str]:
    return {"words": in_words(compiled(block), time_zone=options_of(block).time_zone)}


def main() -> None:
    if "--update" not in sys.argv:
        sys.exit("usage: python -m tests.golden.words --update")
    write({subject: [Block((), b.given, run(b)) for b in blocks] for subject, blocks in read().items()})


if __name__ == "__main__":
    main()
