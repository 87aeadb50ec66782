"""`docs/reference/errors.md`: every error by its code or class, with a picture that the product drew."""

from __future__ import annotations

import os
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests import forked
from tests.documentation.docstrings import Docstring
from tests.documentation.error_words import CODES, DO
from tests.documentation.public import error_kinds
from tests.golden.blocks import DIRECTORY, read

HEAD = """\
# Errors

An error says what is wrong, where, and what to do; nothing is guessed. Every picture here is one that metaquery drew.

## Errors of filters

All are a `FilterError`, with exit code 2: `code` is its name below and does not change, `span` is where it is, in code
points, `hint` is the last line of the picture, `suggestions` has what may have been meant. The first mistake in the
text is told. The fields in the pictures are those of the [golden cases](../../grammar/cases/README.md).
"""

KINDS = {
    "syntax": ("FilterSyntaxError", "The text is not a filter."),
    "unknown_field": ("UnknownField", "A name that nothing has."),
    "type": ("FilterTypeError", "What does not go together."),
    "limit": ("FilterLimitError", "Larger, deeper or longer than the language allows."),
}


OTHERS = """\
## All other errors

Each is a class of `metaquery.errors`, with a `message` and mostly a `hint`. A command that fails so exits with the code
that is named; [Command line](cli.md#exit-codes) has all codes.
"""

SHOWN: dict[str, tuple[str, dict[str, str]]] = {
    "UsageError": ("sync --all", {}),
    "SettingsError": ("status", {"METAQUERY_PAGE_ROWS": "5000"}),
    "SchemaError": ("schema set schema.json --local", {}),
    "AuthError": ("connect --domain http://127.0.0.1:9 --key absent", {}),
    "Unreachable": ("connect --domain http://127.0.0.1:9 --key key", {"METAQUERY_RETRY_BUDGET_S": "0"}),
    "NotFound": ("filter show nigth", {}),
    "NoSnapshot": ("count dark", {}),
    "CollectionError": ("collection show Nihgt", {}),
}
"""A command that fails so in an empty folder, and what is set."""


def page() -> str:
    """Return the page."""
    parts = [HEAD]
    for kind, codes in codes_by_kind().items():
        name, words = KINDS[kind]
        parts.append(f"### {name}\n\n{words}\n")
        parts += [_coded(code) for code in codes]
    shown = {name: _printed(name) for name in SHOWN}
    parts.append(OTHERS)
    kinds = {name for name, _ in KINDS.values()}
    for kind in (kind for kind in error_kinds() if kind.__name__ not in kinds):
        parts.append(_classed(kind, shown.get(kind.__name__)))
    return "\n".join(parts)


def codes_by_kind() -> dict[str, list[str]]:
    """Return the codes of each kind, as `grammar/README.md` lists them; each once."""
    text = (DIRECTORY.parent / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (`.*) \|$", text, re.MULTILINE)
    found, seen = {}, set()
    for kind, codes in rows:
        if kind in KINDS:
            found[kind] = [code for code in re.findall(r"`([a-z-]+)`", codes) if code not in seen]
            seen.update(found[kind])
    return found


@cache
def pictures() -> dict[str, dict[str, str]]:
    """Return what the golden cases draw of each code, by the filter."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted(DIRECTORY.glob("*.cases")):
        for block in read(file):
            if "code" in block.outcome and "filter" in block.given:
                found.setdefault(block.outcome["code"], {}).setdefault(block.given["filter"], block.outcome["picture"])
    return found


def _coded(code: str) -> str:
    told = CODES[code]
    drawn = "\n".join(line.rstrip() for line in pictures()[code][told.shown].splitlines())
    return f"#### {code}\n\n{told.means} {told.do}\n\n```text\n{drawn}\n```\n"


def _classed(kind: type[Any], printed: str | None) -> str:
    docstring = Docstring.of(kind)
    parts = [f"### {kind.__name__}", f"{docstring.body} Exit code {kind.exit_code}.", DO[kind.__name__]]
    return "\n\n".join([*parts, *([f"```console\n{printed}\n```"] if printed else [])]) + "\n"


def _printed(name: str) -> str:
    """Run a command that fails, in an empty folder, and return it with what it printed."""
    line, variables = SHOWN[name]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("METAQUERY_", "ENCORD_", "COLUMNS"))}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        (home / "key").write_bytes(key)
        (home / "key").chmod(0o600)
        (home / "schema.json").write_text('{"city": "strnig"}', encoding="utf-8")
        done = forked.run(tuple(line.split()), home=home, environ={**clean, **variables})
        assert done.returncode == next(k for k in error_kinds() if k.__name__ == name).exit_code, done.stderr
        told = (
            done.stderr.strip().replace(str(home.resolve()), "/home/ana/scenes").replace(str(home), "/home/ana/scenes")
        )
    told = re.sub(
        r"request id \w+", "request id 381fad00a194d86126e9146866cad63d", re.sub(r"\[Errno \d+\]", "[Errno 111]", told)
    )
    set_ = "".join(f"{variable}={value} " for variable, value in variables.items())
    return f"$ {set_}metaquery {line}\n{told}"
