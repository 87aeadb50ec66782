"""`python -m tests.documentation [--update]`: compare the references with the code, or write them anew."""

from __future__ import annotations

import sys

from tests.documentation.references import PAGES, REFERENCE, written


def main(update: bool) -> int:
    """Return 1 where a page is not what it has to be, and was not written."""
    old = []
    for name in PAGES:
        text, file = written(name), REFERENCE / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            old.append(name)
            if update:
                REFERENCE.mkdir(exist_ok=True)
                file.write_text(text, encoding="utf-8")
    sys.stdout.write("".join(f"{'written' if update else 'out of date'}: docs/reference/{name}\n" for name in old))
    return 0 if update or not old else 1


if __name__ == "__main__":
    sys.exit(main("--update" in sys.argv[1:]))
